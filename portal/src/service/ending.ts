// What ends or renews a service's connection: cancel, disconnect, re-initiate; and what ends its personal data. Each
// says first what will happen to whom.

import { html, nothing, type TemplateResult } from "lit";
import type { ServiceView } from "../api/schema.js";
import { announce } from "../app/announce.js";
import { Change } from "../app/change.js";
import { here } from "../app/page.js";
import { hasRegistration } from "../parts/connection.js";
import { DialogElement } from "../parts/dialog.js";
import { field } from "../parts/field.js";
import { languageChoice, languageOf, type Language } from "../parts/language.js";
import { refusal } from "../parts/standing.js";
import { texts } from "../texts/index.js";

const words = texts.service;

export type Ending = "cancel" | "disconnect" | "reinitiate" | "erase";

class ServiceEnding extends DialogElement {
  static override properties = { service: { attribute: false }, how: {} };
  declare service: ServiceView;
  declare how: Ending;
  #change = new Change(() => this.requestUpdate());
  #email: string | undefined;
  #language: Language | undefined;

  override render(): TemplateResult {
    const { service, how } = this;
    const title = {
      cancel: words.cancelTitle,
      disconnect: words.disconnectTitle,
      reinitiate: words.reinitiate,
      erase: words.eraseTitle,
    }[how];
    const name = {
      cancel: words.cancelNow,
      disconnect: words.disconnectNow,
      reinitiate: words.reinitiate,
      erase: words.eraseNow,
    }[how];
    const { busy, doubt } = this.#change;
    return html`<dialog aria-labelledby="ending-title" @close=${this.closed} @cancel=${this.escaped}>
      <h2 id="ending-title">${title}</h2>
      <p class="quiet">${service.shortName} · ${service.fullName} · ${service.customer.name}</p>
      ${this.#will().map((one) => html`<p>${one}</p>`)}
      <p role="status">${doubt}</p>
      ${refusal(this.#change)} ${how === "reinitiate" ? this.#invitee() : nothing}
      <p class="actions">
        <button
          class=${how === "reinitiate" ? "primary" : "danger"}
          aria-disabled=${busy}
          @click=${() => void this.#do()}
        >
          ${name}
        </button>
        <button ?autofocus=${how !== "reinitiate"} @click=${() => this.close()}>${texts.fields.cancel}</button>
      </p>
    </dialog>`;
  }

  /** What will happen, in paragraphs. */
  #will(): string[] {
    const { service } = this;
    const { state, customer, invitation } = service;
    const ended = state === "cancelled" || state === "disconnected";
    switch (this.how) {
      case "cancel":
        return [words.cancelWill(service.shortName, invitation.adminEmail)];
      case "disconnect":
        return [words.disconnectWill(customer.name)];
      case "reinitiate":
        return [state === "disconnected" ? words.reconnectWill(customer.name) : words.reinitiateWill];
      case "erase":
        return [words.eraseTakes(ended), words.eraseLeaves(ended, hasRegistration(service)), words.eraseForGood(ended)];
    }
  }

  /** Whom to invite, and in which language: as the last time, until something else is entered. */
  #invitee(): TemplateResult {
    const address = field({
      id: "ending-email",
      label: texts.onboarding.email,
      type: "email",
      value: this.#wanted.adminEmail,
      error: this.#change.fields["/adminEmail"],
      onInput: (value) => {
        this.#email = value.trim();
      },
    });
    const language = languageChoice("ending-language", this.#wanted.language, (chosen) => {
      this.#language = chosen;
    });
    return html`${address}${language}`;
  }

  get #wanted(): { adminEmail: string; language: Language } {
    const { invitation } = this.service;
    return {
      adminEmail: this.#email ?? invitation.adminEmail ?? "",
      language: this.#language ?? languageOf(invitation),
    };
  }

  async #do(): Promise<void> {
    const { calls } = here();
    const { id, etag } = this.service;
    const told = await this.#change.run(async (onDoubt) => {
      const seen = { etag, onDoubt };
      switch (this.how) {
        case "cancel":
          return calls.cancel(id, seen).then(() => words.cancelled);
        case "disconnect":
          return calls.disconnect(id, seen).then(() => words.disconnected);
        case "reinitiate":
          return calls.reinitiate(id, this.#wanted, seen).then((one) => words.reinitiated(one.adminEmail));
        case "erase":
          return calls.erase(id, seen).then(() => words.erased);
      }
    });
    this.dispatchEvent(new CustomEvent("changed", { bubbles: true }));
    if (!told) return;
    announce(told);
    this.close();
  }
}

customElements.define("service-ending", ServiceEnding);
