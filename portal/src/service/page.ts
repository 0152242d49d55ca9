// A service's own page: Edit service > Overview, Configuration > M365 Configuration, Events.

import { html, nothing, type TemplateResult } from "lit";
import type { M365View, ServiceView } from "../api/schema.js";
import { Change } from "../app/change.js";
import { here, mayChange, Page, setTitle } from "../app/page.js";
import { Source } from "../app/source.js";
import { isRunning } from "../parts/checks.js";
import { hasRegistration } from "../parts/connection.js";
import { refusal, standing } from "../parts/standing.js";
import { attentionNotice, serviceState } from "../parts/states.js";
import { texts } from "../texts/index.js";
import { actsOf, labelOf, type Act } from "../invitations/acts.js";
import "./events.js";
import { m365 } from "./m365.js";
import { overview } from "./overview.js";
import "./edit.js";
import "./ending.js";

const words = texts.service;

export type Tab = "overview" | "m365" | "events";

class ServicePage extends Page {
  static override properties = { service: {}, tab: {} };
  declare service: string;
  declare tab: Tab;
  #change = new Change(this.redraw);
  #acting: Act | undefined;
  #ending: "cancel" | "disconnect" | "reinitiate" | undefined;
  readonly #source = new Source<ServiceView>(
    (signal) => here().calls.service(this.service, signal),
    this.redraw,
    (value) => (value?.state === "creating" ? 1000 : 10_000),
  );
  readonly #m365 = new Source<M365View | null>(
    (signal) => this.#settings(signal),
    this.redraw,
    (value) => (isRunning(value?.check) ? 1000 : 15_000),
  );

  override connectedCallback(): void {
    this.sources.push(this.#source);
    if (this.tab === "m365") this.sources.push(this.#m365);
    super.connectedCallback();
  }

  /** Null without a registration: there is nothing to ask for then. */
  async #settings(signal: AbortSignal): Promise<M365View | null> {
    const { calls } = here();
    return hasRegistration(await calls.service(this.service, signal)) ? calls.m365(this.service, signal) : null;
  }

  override render(): TemplateResult {
    const value = this.#source.value;
    if (value) setTitle(`${value.shortName} · ${this.tab === "overview" ? words.editTitle : words.tabs[this.tab]}`);
    return html`<nav class="trail" aria-label=${texts.places.here}>
        <a href="/services">${texts.services.directRouting}</a> › <span>${words.editTitle}</span>${
          this.tab === "m365" ? html` › <span>${words.tabs.configuration}</span>` : nothing
        }
      </nav>
      <h1 tabindex="-1">${value ? `${value.shortName} · ${value.fullName}` : words.editTitle}</h1>
      <nav class="tabs" aria-label=${words.tabsLabel}>
        ${this.#tab("overview", `/services/${this.service}`)}
        ${this.#tab("m365", `/services/${this.service}/m365`)}${this.#tab("events", `/services/${this.service}/events`)}
      </nav>
      ${standing(this.#source, (one) => this.#content(one))}`;
  }

  #tab(tab: Tab, to: string): TemplateResult {
    return html`<a href=${to} aria-current=${tab === this.tab ? "page" : nothing}>${words.tabs[tab]}</a>`;
  }

  #content(value: ServiceView): TemplateResult {
    return html`<p>
        ${serviceState(value.state)}
        <span class="quiet">· ${value.customer.name} · ${texts.states.license[value.license]}</span>
      </p>
      ${attentionNotice(value.attention, mayChange() ? this.#mending(value) : nothing)}
      ${refusal(this.#change.trouble, this.#change.code)}
      <p role="status">${this.#change.doubt}</p>
      ${this.#tabContent(value)}${this.#dialogs(value)}`;
  }

  #tabContent(value: ServiceView): TemplateResult {
    if (this.tab === "events")
      return html`<service-events .service=${value.id} .version=${value.etag}></service-events>`;
    if (this.tab === "overview") return overview(value, this.#acts(value), () => void this.#source.refresh());
    return standing(this.#m365, (one) =>
      one === null
        ? html`<section class="empty">
            <h2>${words.noRegistration}</h2>
            <p>${words.noRegistrationNext}</p>
            ${this.#reinitiate(value)}
          </section>`
        : m365(
            one,
            mayChange()
              ? html` <button
                    class="primary"
                    aria-disabled=${this.#change.busy || isRunning(one.check)}
                    @click=${() => void this.#validate(one)}
                  >
                    ${words.validate}</button
                  >${this.#reinitiate(value)}`
              : html``,
          ),
    );
  }

  #reinitiate(value: ServiceView): TemplateResult | typeof nothing {
    const may =
      mayChange() &&
      (value.state === "active" ||
        value.state === "disconnected" ||
        (value.state === "validated" && value.invitation.status === "accepted"));
    return may ? html`<button @click=${() => this.#end("reinitiate")}>${words.reinitiate}</button>` : nothing;
  }

  async #validate(one: M365View): Promise<void> {
    if (isRunning(one.check)) return;
    const now = await this.#change.run((onDoubt) => here().calls.validate(this.service, { etag: one.etag, onDoubt }));
    if (now) this.#m365.put(now);
    await Promise.all([this.#m365.refresh(), this.#source.refresh()]);
  }

  #mending(value: ServiceView): TemplateResult {
    return html`<p class="actions">
      ${actsOf(value.invitation)
        .filter((act) => act !== "revoke" && act !== "extend")
        .map((act) => this.#actButton(act))}
    </p>`;
  }

  #acts(value: ServiceView): TemplateResult | typeof nothing {
    if (!mayChange()) return nothing;
    const cancels = ["invited", "authenticated", "validated"].includes(value.state);
    return html`<p class="actions">
      ${actsOf(value.invitation).map((act) => this.#actButton(act))}${this.#reinitiate(value)}
      ${cancels ? html`<button class="danger" @click=${() => this.#end("cancel")}>${words.cancelNow}</button>` : nothing}
      ${value.state === "active" ? html`<button class="danger" @click=${() => this.#end("disconnect")}>${words.disconnectNow}</button>` : nothing}
    </p>`;
  }

  #actButton(act: Act): TemplateResult {
    return html`<button
      @click=${() => {
        this.#acting = act;
        this.redraw();
      }}
    >
      ${labelOf(act)}
    </button>`;
  }

  #end(how: "cancel" | "disconnect" | "reinitiate"): void {
    this.#ending = how;
    this.redraw();
  }

  #dialogs(value: ServiceView): TemplateResult {
    const refresh = (): void => void this.#source.refresh();
    const close = (): void => {
      this.#acting = this.#ending = undefined;
      this.redraw();
    };
    return html`${this.#acting ? html`<invitation-act .row=${value.invitation} .act=${this.#acting} @changed=${refresh} @done=${close}></invitation-act>` : nothing}
    ${this.#ending ? html`<service-ending .service=${value} .how=${this.#ending} @changed=${refresh} @done=${close}></service-ending>` : nothing}`;
  }
}

customElements.define("service-page", ServicePage);
