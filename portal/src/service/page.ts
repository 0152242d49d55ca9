// A service's own page: Edit service > Overview, Configuration > M365 Configuration, Events.

import { html, nothing, type TemplateResult } from "lit";
import type { M365View, Mend, ServiceView } from "../api/schema.js";
import { Change } from "../app/change.js";
import { here, mayChange, Page, setTitle } from "../app/page.js";
import { Source } from "../app/source.js";
import { isRunning } from "../parts/checks.js";
import { hasRegistration, mayReinitiate } from "../parts/connection.js";
import { refusal, standing } from "../parts/standing.js";
import { attentionNotice, serviceState } from "../parts/states.js";
import { texts } from "../texts/index.js";
import "../invitations/act.js";
import { actsOf, labelOf, MENDS, type Act } from "../invitations/acts.js";
import "./events.js";
import { m365 } from "./m365.js";
import { overview, type Acts } from "./overview.js";
import "./edit.js";
import type { Ending } from "./ending.js";
import "./ending.js";

const words = texts.service;

export type Tab = "overview" | "m365" | "events";

class ServicePage extends Page {
  static override properties = { service: {}, tab: {} };
  declare service: string;
  declare tab: Tab;
  #change = new Change(this.redraw);
  #acting: Act | undefined;
  #ending: Ending | undefined;
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
  #checking = false;

  override connectedCallback(): void {
    this.sources.push(this.#source);
    if (this.tab === "m365") this.sources.push(this.#m365);
    super.connectedCallback();
  }

  /** The end of a check changes the service, too. */
  protected override updated(): void {
    const checking = isRunning(this.#m365.value?.check);
    if (this.#checking && !checking) void this.#source.refresh();
    this.#checking = checking;
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
        <a href="/services">${texts.services.title}</a> › ${texts.services.directRouting} ›
        <a href="/services/${this.service}">${words.editTitle}</a
        >${this.tab === "m365" ? html` › ${words.tabs.configuration}` : nothing}
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
      ${this.#attention(value)} ${refusal(this.#change)}
      <p role="status">${this.#change.doubt}</p>
      ${this.#tabContent(value)}${this.#dialogs(value)}`;
  }

  /** The settings' own sentence of health tells of a failed validation, and what mends it stands below that. */
  #attention(value: ServiceView): TemplateResult | typeof nothing {
    if (this.tab === "m365" && value.attention?.code === "validation-failed") return nothing;
    return attentionNotice(value.attention, mayChange() ? this.#mending(value) : nothing);
  }

  #tabContent(value: ServiceView): TemplateResult {
    const told = Boolean(this.#source.trouble) || !navigator.onLine;
    switch (this.tab) {
      case "events":
        return html`<service-events .service=${value.id} .version=${value.etag} .told=${told}></service-events>`;
      case "m365":
        return standing(this.#m365, (one) => (one ? m365(one, this.#m365Acts(value, one)) : this.#none(value)), told);
      case "overview":
        return overview(value, this.#acts(value), () => void this.#source.refresh());
    }
  }

  #m365Acts(value: ServiceView, one: M365View): TemplateResult {
    if (!mayChange()) return html``;
    const busy = this.#change.busy || isRunning(one.check);
    return html`<button class="primary" aria-disabled=${busy} @click=${() => void this.#validate(one)}>
        ${words.validate}</button
      >${this.#reinitiate(value)}`;
  }

  /** In place of the settings: why there are none, and what leads to them. */
  #none(value: ServiceView): TemplateResult {
    const { title, next } =
      words.none[value.state === "cancelled" || value.state === "disconnected" ? value.state : "yet"];
    return html`<section class="empty">
      <h2>${title}</h2>
      <p>${next}</p>
      ${this.#reinitiate(value, "primary")}
    </section>`;
  }

  #reinitiate(value: ServiceView, look = ""): TemplateResult | typeof nothing {
    if (!mayChange() || !mayReinitiate(value)) return nothing;
    return html`<button class=${look} @click=${() => this.#end("reinitiate")}>${words.reinitiate}</button>`;
  }

  async #validate(one: M365View): Promise<void> {
    if (isRunning(one.check)) return;
    const now = await this.#change.run((onDoubt) => here().calls.validate(this.service, { etag: one.etag, onDoubt }));
    if (now) this.#m365.put(now);
    await Promise.all([this.#m365.refresh(), this.#source.refresh()]);
  }

  /** The calls that mend what needs a person, as the API names them. */
  #mending(value: ServiceView): TemplateResult {
    const calls: (Mend | undefined)[] = value.attention?.calls ?? [];
    const acts = actsOf(value.invitation).filter((act) => calls.includes(MENDS[act]));
    const again = calls.includes("reinitiate_invitation") ? this.#reinitiate(value) : nothing;
    return html`<p class="actions">${acts.map((act) => this.#actButton(act))}${again}</p>`;
  }

  #acts(value: ServiceView): Acts {
    const { state, invitation } = value;
    if (!mayChange()) return { service: nothing, invitation: nothing };
    const ended = state === "cancelled" || state === "disconnected";
    const cancels = state === "invited" || state === "authenticated" || state === "validated";
    const service = [
      this.#reinitiate(value),
      cancels ? this.#endButton("cancel", words.cancelNow) : nothing,
      state === "active" ? this.#endButton("disconnect", words.disconnectNow) : nothing,
      value.personalData === "kept" ? this.#endButton("erase", words.eraseNow) : nothing,
    ];
    return {
      service: html`${service}`,
      invitation: ended ? nothing : html`${actsOf(invitation).map((act) => this.#actButton(act))}`,
    };
  }

  #endButton(how: Ending, label: string): TemplateResult {
    return html`<button class="danger" @click=${() => this.#end(how)}>${label}</button>`;
  }

  #actButton(act: Act): TemplateResult {
    const begin = (): void => {
      this.#acting = act;
      this.redraw();
    };
    return html`<button class=${act === "revoke" ? "danger" : ""} @click=${begin}>${labelOf(act)}</button>`;
  }

  #end(how: Ending): void {
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
