// A service's values, and the form that changes them.

import { LitElement, html, nothing, type TemplateResult } from "lit";
import type { License, ServiceView } from "../api/schema.js";
import { announce } from "../app/announce.js";
import { Change } from "../app/change.js";
import { here, mayChange } from "../app/page.js";
import { field, select } from "../parts/field.js";
import { refusal } from "../parts/standing.js";
import { timeTag } from "../parts/times.js";
import { texts } from "../texts/index.js";

const words = texts.onboarding;
const licenses = Object.entries(texts.states.license) as [License, string][];

class ServiceValues extends LitElement {
  static override properties = { service: { attribute: false }, acts: { attribute: false } };
  declare service: ServiceView;
  /** More buttons, of whoever shows the values. */
  declare acts: TemplateResult | typeof nothing;
  #change = new Change(() => this.requestUpdate());
  #typed: { fullName: string; license: License; users: string } | undefined;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override render(): TemplateResult {
    return html`<section class="card">
      <h2>${texts.service.values}</h2>
      ${this.#typed ? this.#form(this.#typed) : this.#facts()}
    </section>`;
  }

  #facts(): TemplateResult {
    const { service } = this;
    const may = mayChange() && service.state !== "cancelled" && service.state !== "disconnected";
    const change = may ? html`<button @click=${() => this.#begin()}>${texts.service.change}</button>` : nothing;
    return html`<dl class="facts">
        <dt>${words.fullName}</dt>
        <dd>${service.fullName}</dd>
        <dt>${words.shortName}</dt>
        <dd>${service.shortName}</dd>
        <dt>${texts.fields.customer}</dt>
        <dd>${service.customer.name}</dd>
        <dt>${words.license}</dt>
        <dd>${texts.states.license[service.license]}</dd>
        <dt>${words.users}</dt>
        <dd>${service.licensedUsers}</dd>
        <dt>${texts.service.ordered}</dt>
        <dd>${timeTag(service.createdAt)}</dd>
        ${
          service.activatedAt
            ? html`<dt>${texts.service.active}</dt>
                <dd>${timeTag(service.activatedAt)}</dd>`
            : nothing
        }
      </dl>
      <p class="actions">${change}${this.acts}</p>`;
  }

  #begin(): void {
    const { fullName, license, licensedUsers } = this.service;
    this.#typed = { fullName, license, users: String(licensedUsers) };
    this.requestUpdate();
  }

  #form(typed: { fullName: string; license: License; users: string }): TemplateResult {
    const { fields, busy, doubt } = this.#change;
    const set = (values: Partial<typeof typed>): void => {
      Object.assign(typed, values);
      this.requestUpdate();
    };
    return html`${refusal(this.#change)}
      <p role="status">${doubt}</p>
      ${field({ id: "edit-name", label: words.fullName, value: typed.fullName, maxLength: 100, error: fields["/fullName"], onInput: (fullName) => set({ fullName }) })}
      ${select({ id: "edit-license", label: words.license, value: typed.license, names: licenses, onChange: (license) => set({ license }) })}
      ${field({ id: "edit-users", label: words.users, help: words.usersHelp, type: "number", min: "1", max: "500", value: typed.users, error: fields["/licensedUsers"], onInput: (users) => set({ users }) })}
      <p class="actions">
        <button class="primary" aria-disabled=${busy} @click=${() => void this.#save(typed)}>
          ${texts.service.save}
        </button>
        <button
          @click=${() => {
            this.#typed = undefined;
            this.requestUpdate();
          }}
        >
          ${texts.fields.cancel}
        </button>
      </p>`;
  }

  async #save({ fullName, license, users }: { fullName: string; license: License; users: string }): Promise<void> {
    const body = { fullName: fullName.trim(), license, licensedUsers: Number(users) };
    const now = await this.#change.run((onDoubt) =>
      here().calls.changeService(this.service.id, body, { etag: this.service.etag, onDoubt }),
    );
    this.dispatchEvent(new CustomEvent("changed", { bubbles: true }));
    if (!now) return;
    this.#typed = undefined;
    this.service = now;
    announce(texts.service.saved);
  }
}

customElements.define("service-values", ServiceValues);
