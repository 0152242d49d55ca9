// The wizard's first step: choose the customer, or add one. Tells `chosen` with the customer.

import { html, type TemplateResult } from "lit";
import type { CustomerView } from "../api/schema.js";
import { Change } from "../app/change.js";
import { Draft } from "../app/draft.js";
import { here, Page } from "../app/page.js";
import { Source } from "../app/source.js";
import { field } from "../parts/field.js";
import { refusal, standing } from "../parts/standing.js";
import { texts } from "../texts/index.js";

const words = texts.onboarding;
const EVERY = 60_000; // milliseconds

/** A customer who is being added, with the Idempotency-Key of that: a repeat adds nobody twice. */
const EMPTY = { name: "", tenantId: "", key: "" };

export class CustomerStep extends Page {
  static override properties = { chosen: {} };
  /** The chosen customer's id, or "". */
  declare chosen: string;
  #sought = "";
  #draft = new Draft("customer", EMPTY);
  #making = new Change(this.redraw);
  readonly #customers = new Source(
    (signal) => here().calls.customers(this.#sought, signal),
    this.redraw,
    () => EVERY,
  );
  protected override readonly sources = [this.#customers];

  override render(): TemplateResult {
    const search = field({
      id: "customer-search",
      label: words.searchCustomer,
      help: words.searchHelp,
      type: "search",
      value: this.#sought,
      onInput: (value) => this.#seek(value),
    });
    return html`${search}${standing(this.#customers, ({ value }) => this.#list(value))}${this.#adding()}`;
  }

  #seek(name: string): void {
    this.#sought = name;
    this.redraw();
    void this.#customers.refresh();
  }

  #list(customers: CustomerView[]): TemplateResult {
    if (!customers.length) return html`<p>${words.noCustomer(this.#sought)}</p>`;
    return html`<fieldset class="choices long">
      <legend class="visually-hidden">${texts.fields.customer}</legend>
      ${customers.map((one) => this.#choice(one))}
    </fieldset>`;
  }

  #choice(one: CustomerView): TemplateResult {
    const checked = this.chosen === one.id;
    return html`<label class="choice">
      <input type="radio" name="customer" .checked=${checked} @change=${() => this.#choose(one)} />
      <span>${one.name}</span>
    </label>`;
  }

  #choose({ id, name }: CustomerView): void {
    this.dispatchEvent(new CustomEvent("chosen", { detail: { id, name } }));
  }

  #adding(): TemplateResult {
    const { values } = this.#draft;
    const name = field({
      id: "new-name",
      label: words.newName,
      value: values.name,
      maxLength: 100,
      error: this.#making.fields["/name"],
      onInput: (typed) => this.#draft.set({ name: typed, key: "" }),
    });
    const tenant = field({
      id: "new-tenant",
      label: words.tenantKnown,
      help: words.tenantHelp,
      optional: true,
      value: values.tenantId,
      error: this.#making.fields["/tenantId"],
      onInput: (typed) => this.#draft.set({ tenantId: typed.trim(), key: "" }),
    });
    return html`<details ?open=${Boolean(values.name)}>
      <summary>${words.newCustomer}</summary>
      ${name}${tenant}${refusal(this.#making)}
      <p role="status">${this.#making.doubt}</p>
      <button aria-disabled=${this.#making.busy} @click=${() => void this.#make()}>${words.addCustomer}</button>
    </details>`;
  }

  async #make(): Promise<void> {
    const { values } = this.#draft;
    if (!values.key) this.#draft.set({ key: crypto.randomUUID() });
    const { name, tenantId, key } = values;
    const body = { name, ...(tenantId ? { tenantId } : {}) };
    const made = await this.#making.run((onDoubt) => here().calls.newCustomer(body, { key, onDoubt }));
    if (!made) return;
    this.#draft.set(EMPTY);
    this.#seek(made.name);
    this.#choose(made);
  }
}

customElements.define("customer-step", CustomerStep);
