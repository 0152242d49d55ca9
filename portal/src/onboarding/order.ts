// The onboarding wizard until the invitation is sent: customer, service, licence, administrator; and, in the same wizard,
// the pending invitations. What was typed is kept in this tab until the service is ordered.

import { html, nothing, type TemplateResult } from "lit";
import type { InvitationRow, License, NewService, ShortNameView } from "../api/schema.js";
import { go } from "../app/address.js";
import { Change } from "../app/change.js";
import { Draft } from "../app/draft.js";
import { here, mayChange, Page } from "../app/page.js";
import { pages, Source, type Rows } from "../app/source.js";
import { field } from "../parts/field.js";
import { icon } from "../parts/icons.js";
import { languageChoice, type Language } from "../parts/language.js";
import { refusal, standing } from "../parts/standing.js";
import { texts } from "../texts/index.js";
import { invitationTable } from "../invitations/table.js";
import "./customer.js";
import { orderSteps, type OrderStep } from "./steps.js";

const words = texts.onboarding;
const PAUSE = 300; // milliseconds between the last key and the question whether a name is free

interface Order {
  customerId: string;
  customerName: string;
  fullName: string;
  shortName: string;
  license: License | "";
  users: string;
  email: string;
  language: Language;
  sendLink: boolean;
  /** The Idempotency-Key of this order: a reload repeats it, and orders nothing twice. */
  key: string;
}

const EMPTY: Order = {
  customerId: "",
  customerName: "",
  fullName: "",
  shortName: "",
  license: "",
  users: "",
  email: "",
  language: "en",
  sendLink: false,
  key: "",
};

class OrderPage extends Page {
  static override properties = { step: {} };
  declare step: OrderStep;
  #draft = new Draft<Order>("order", EMPTY);
  #order = new Change(this.redraw);
  #naming = new Change(this.redraw);
  #free: ShortNameView | undefined;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #tried = false;
  readonly #pending = new Source<Rows<InvitationRow>>(
    (signal) =>
      pages(here().calls.invitations({ deviceAuthenticated: "true" }, signal), 50, (link) =>
        here().calls.next(link, signal),
      ),
    this.redraw,
    () => 5000,
  );

  override connectedCallback(): void {
    if (this.step === "invitations") this.sources.push(this.#pending);
    super.connectedCallback();
    if (this.step === "service" && this.#draft.values.shortName) this.#ask();
  }

  override render(): TemplateResult {
    return html`<div class="wizard">
      ${orderSteps(this.step)}
      <section class="step">
        <h1 tabindex="-1">${this.step === "invitations" ? words.pending : words.title}</h1>
        ${mayChange() || this.step === "invitations" ? this.#content() : onlyOperators()}
      </section>
    </div>`;
  }

  #content(): TemplateResult {
    switch (this.step) {
      case "customer":
        return this.#customerStep();
      case "service":
        return this.#serviceStep();
      case "licence":
        return this.#licenseStep();
      case "administrator":
        return this.#adminStep();
      case "invitations":
        return standing(this.#pending, (list) => pendingTable(list));
    }
  }

  /** The way on: never dead without a reason beside it. */
  #next(missing: string, to: () => void, before: string, label = words.next): TemplateResult {
    return html`<p class="actions">
      <button
        class="primary"
        aria-describedby="why-not"
        aria-disabled=${Boolean(missing) || this.#order.busy}
        @click=${() => {
          this.#tried = true;
          this.redraw();
          if (!missing && !this.#order.busy) to();
        }}
      >
        ${label}
      </button>
      ${before ? html`<a class="button" href=${before}>${words.back}</a>` : nothing}<span
        id="why-not"
        class="quiet"
        role="status"
        >${missing}</span
      >
    </p>`;
  }

  #customerStep(): TemplateResult {
    const { customerId, customerName } = this.#draft.values;
    const choose = ({ detail: { id, name } }: CustomEvent<{ id: string; name: string }>): void =>
      this.#keep({ customerId: id, customerName: name });
    return html`<h2>${words.chooseCustomer}</h2>
      <p role="status">${customerId ? words.chosen(customerName) : nothing}</p>
      <customer-step .chosen=${customerId} @chosen=${choose}></customer-step>
      ${this.#next(customerId ? "" : words.missing.customer, () => go("/onboarding/service"), "", words.addTenant)}`;
  }

  #keep(values: Partial<Order>): void {
    this.#draft.set({ ...values, key: "" });
    this.#order.fields = {};
    this.#order.trouble = undefined;
    this.redraw();
  }

  #serviceStep(): TemplateResult {
    const { fullName, shortName } = this.#draft.values;
    const free = this.#free?.value === shortName ? this.#free : undefined;
    const taken = free && !free.available ? (free.detail ?? words.shortNameTaken(shortName)) : undefined;
    const missing = [fullName.trim() ? "" : words.missing.fullName, free?.available ? "" : words.missing.shortName];
    return html`<h2>${words.steps.service}</h2>
      ${field({ id: "full-name", label: words.fullName, help: words.fullNameHelp, value: fullName, maxLength: 100, error: this.#tried && !fullName.trim() ? words.missing.fullName : this.#order.fields["/fullName"], onInput: (value) => this.#keep({ fullName: value }) })}
      ${field({
        id: "short-name",
        label: words.shortName,
        help: words.shortNameHelp,
        value: shortName,
        maxLength: 64,
        error: taken ?? this.#order.fields["/shortName"],
        note: !shortName
          ? undefined
          : free?.available
            ? words.shortNameFree(shortName)
            : taken
              ? undefined
              : words.shortNameAsked,
        onInput: (value) => {
          this.#keep({ shortName: value });
          this.#ask();
        },
      })}
      ${refusal(this.#naming)}
      ${this.#next(missing.filter(Boolean).join(" "), () => go("/onboarding/licence"), "/onboarding/customer")}`;
  }

  #ask(): void {
    clearTimeout(this.#asking);
    if (this.#draft.values.shortName) this.#asking = setTimeout(() => void this.#look(), PAUSE);
  }

  async #look(): Promise<void> {
    const asked = this.#draft.values.shortName;
    if (this.#naming.busy) return; // that look goes on with what was typed meanwhile
    const answer = await this.#naming.run(() => here().calls.shortName(asked));
    if (answer) this.#free = answer;
    this.redraw();
    if (asked !== this.#draft.values.shortName) this.#ask();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#asking);
  }

  #licenseStep(): TemplateResult {
    const { license, users } = this.#draft.values;
    const good = /^[0-9]+$/.test(users) && Number(users) >= 1 && Number(users) <= 500;
    const missing = !license ? words.missing.license : good ? "" : words.missing.users;
    return html`<h2>${words.steps.license}</h2>
      <fieldset class="choices">
        <legend>${words.license}</legend>
        ${(Object.entries(texts.states.license) as [License, string][]).map(
          ([one, name]) =>
            html`<label class="choice"
              ><input
                type="radio"
                name="license"
                .checked=${license === one}
                @change=${() => this.#keep({ license: one })}
              /><span>${name}</span></label
            >`,
        )}
      </fieldset>
      ${field({ id: "users", label: words.users, help: words.usersHelp, type: "number", min: "1", max: "500", value: users, error: users && !good ? words.missing.users : this.#order.fields["/licensedUsers"], onInput: (value) => this.#keep({ users: value }) })}
      ${this.#next(missing, () => go("/onboarding/administrator"), "/onboarding/service")}`;
  }

  #adminStep(): TemplateResult {
    const { email, language, sendLink } = this.#draft.values;
    const order = this.#order;
    const before = this.#incomplete();
    const missing = before || (!sendLink ? words.missing.link : !email.trim() ? words.missing.email : "");
    return html`<h2>${words.steps.administrator}</h2>
      <p class="check-filter">
        <input
          type="checkbox"
          id="send-link"
          .checked=${sendLink}
          @change=${(event: Event) => this.#keep({ sendLink: (event.target as HTMLInputElement).checked })}
        />
        <label for="send-link">${words.sendLink}</label>
      </p>
      ${field({ id: "email", label: words.email, help: words.emailHelp, type: "email", value: email, error: order.fields["/adminEmail"], onInput: (value) => this.#keep({ email: value }) })}
      ${languageChoice("language", language, (chosen) => this.#keep({ language: chosen }))} ${refusal(order)}
      <p role="status">${order.doubt}</p>
      ${missing ? nothing : html`<p>${words.sendWill(this.#draft.values)}</p>`}
      ${this.#next(missing, () => void this.#send(), "/onboarding/licence")}`;
  }

  /** What an earlier step still lacks; addresses can be opened in any order. */
  #incomplete(): string {
    const { customerId, fullName, shortName, license, users } = this.#draft.values;
    if (!customerId) return words.missing.customer;
    if (!fullName.trim()) return words.missing.fullName;
    if (!shortName) return words.missing.shortName;
    if (!license) return words.missing.license;
    return users ? "" : words.missing.users;
  }

  async #send(): Promise<void> {
    const { values } = this.#draft;
    if (!values.license) return;
    if (!values.key) this.#draft.set({ key: crypto.randomUUID() });
    const body: NewService = {
      type: "DirectRouting",
      fullName: values.fullName.trim(),
      shortName: values.shortName,
      license: values.license,
      licensedUsers: Number(values.users),
      adminEmail: values.email.trim(),
      sendLink: true,
      language: values.language,
    };
    const made = await this.#order.run((onDoubt) =>
      here().calls.newService(values.customerId, body, { key: values.key, onDoubt }),
    );
    if (!made) {
      if (this.#order.code === "idempotency-key-reused") this.#draft.set({ key: "" });
      return;
    }
    this.#draft.forget();
    go(`/onboarding/${made.id}/sent`);
  }
}

const onlyOperators = (): TemplateResult =>
  html`<div class="notice warning">
      ${icon("warning")}
      <p>${words.onlyOperators}</p>
    </div>
    <p><a class="button" href="/services">${texts.trouble.back}</a></p>`;

const pendingTable = ({ rows }: Rows<InvitationRow>): TemplateResult =>
  rows.length ? invitationTable(rows) : html`<section class="empty"><p>${words.notYet}</p></section>`;

customElements.define("order-page", OrderPage);
