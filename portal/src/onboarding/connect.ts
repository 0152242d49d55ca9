// The onboarding wizard of an ordered service: what was sent, the registration to add, its validation, the end.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { CheckView, RegistrationView, ServiceView } from "../api/schema.js";
import { go } from "../app/address.js";
import { announce } from "../app/announce.js";
import { Change } from "../app/change.js";
import { here, mayChange, Page } from "../app/page.js";
import { Source } from "../app/source.js";
import { checkList, isRunning } from "../parts/checks.js";
import { hasRegistration, mayReinitiate } from "../parts/connection.js";
import { badge } from "../parts/icons.js";
import { refusal, standing } from "../parts/standing.js";
import { attentionNotice, serviceState } from "../parts/states.js";
import { inFull } from "../parts/times.js";
import { texts } from "../texts/index.js";
import "../invitations/act.js";
import { labelOf, type Act } from "../invitations/acts.js";
import "../service/ending.js";
import { evidence, invitationFacts, sent, summary } from "./facts.js";
import { connectSteps, type ConnectStep } from "./steps.js";

const words = texts.onboarding;

/** A service with the last check of the registration that was added to it. */
interface Connecting {
  service: ServiceView;
  check: CheckView | null;
}

class ConnectPage extends Page {
  static override properties = { service: {}, step: {} };
  declare service: string;
  declare step: ConnectStep;
  #change = new Change(this.redraw);
  #acknowledged = false;
  #acting: Act | undefined;
  #renewing = false;
  #told = "";
  readonly #source = new Source<Connecting>(
    (signal) => this.#load(signal),
    this.redraw,
    (value) => (isBusy(value) ? 1000 : 5000),
  );
  protected override readonly sources = [this.#source];

  async #load(signal: AbortSignal): Promise<Connecting> {
    const { calls } = here();
    const service = await calls.service(this.service, signal);
    const wanted = (this.step === "validation" || this.step === "finish") && hasRegistration(service);
    return { service, check: wanted ? (await calls.m365(this.service, signal)).check : null };
  }

  override render(): TemplateResult {
    return html`<div class="wizard">
      ${connectSteps(this.step, this.#source.value?.service)}
      <section class="step">
        <h1 tabindex="-1">${words.title}</h1>
        ${standing(this.#source, (value) => this.#content(value))}
      </section>
    </div>`;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const value = this.#source.value;
    const state = value && `${value.service.state} ${isBusy(value)}`;
    if (!value || !state || state === this.#told) return;
    if (this.#told) announce(texts.states.service[value.service.state]);
    this.#told = state;
  }

  #content({ service: value, check }: Connecting): TemplateResult {
    return html`<p class="quiet">
        ${value.shortName} · ${value.fullName} · ${value.customer.name} · ${serviceState(value.state)}
      </p>
      ${mayChange() ? nothing : html`<p class="notice warning">${texts.change.monitor}</p>`}${this.#step(value, check)}
      ${refusal(this.#change)}
      <p role="status">${this.#change.doubt}</p>
      ${this.#dialogs(value)}`;
  }

  #step(value: ServiceView, check: CheckView | null): TemplateResult {
    switch (this.step) {
      case "sent":
        return sent(value);
      case "registration":
        return this.#registration(value);
      case "validation":
        return this.#validation(value, check);
      case "finish":
        return this.#finish(value, check);
    }
  }

  #registration(value: ServiceView): TemplateResult {
    const { proposal } = value;
    const added = value.invitation.status === "accepted";
    if (!proposal)
      return html`<h2>${words.addTitle}</h2>
        <p>${words.notYet}</p>
        ${invitationFacts(value)}`;
    const doubtful = !added && proposal.domainMatch !== "match";
    const missing = !mayChange() ? words.missing.operator : doubtful && !this.#acknowledged ? words.missing.match : "";
    return html`<h2>${words.addTitle}</h2>
      ${evidence(proposal)}
      ${
        doubtful
          ? html`<p class="check-filter">
              <input
                type="checkbox"
                id="acknowledge"
                .checked=${this.#acknowledged}
                @change=${(event: Event) => {
                  this.#acknowledged = (event.target as HTMLInputElement).checked;
                  this.redraw();
                }}
              />
              <label for="acknowledge"
                >${words.acknowledge(proposal.tenantName ?? proposal.tenantId, value.customer.name)}</label
              >
            </p>`
          : nothing
      }
      ${missing ? nothing : html`<p>${added ? words.validateWill : words.addWill}</p>`}
      ${this.#next(missing, () => void this.#add(value, proposal, added), "/onboarding/invitations")}
      ${added || !mayChange() ? nothing : this.#wayOut()}`;
  }

  /** For a registration that is not the customer's: both undo it. */
  #wayOut(): TemplateResult {
    const act = (one: Act) => (): void => {
      this.#acting = one;
      this.redraw();
    };
    return html`<section class="card">
      <h3>${words.wrongTenant}</h3>
      <p>${words.wrongTenantNext}</p>
      <p class="actions">
        <button @click=${act("resend")}>${labelOf("resend")}</button>
        <button class="danger" @click=${act("revoke")}>${labelOf("revoke")}</button>
      </p>
    </section>`;
  }

  #dialogs(value: ServiceView): TemplateResult {
    const refresh = (): void => void this.#source.refresh();
    const close = (): void => {
      this.#acting = undefined;
      this.#renewing = false;
      this.redraw();
    };
    return html`${
      this.#acting
        ? html`<invitation-act
            .row=${value.invitation}
            .act=${this.#acting}
            @changed=${refresh}
            @done=${close}
          ></invitation-act>`
        : nothing
    }
    ${
      this.#renewing
        ? html`<service-ending
            .service=${value}
            .how=${"reinitiate"}
            @changed=${refresh}
            @done=${close}
          ></service-ending>`
        : nothing
    }`;
  }

  #next(missing: string, act: () => void, before: string, label = words.next): TemplateResult {
    const idle = !missing && !this.#change.busy;
    return html`<p class="actions">
      <button class="primary" aria-describedby="why-not" aria-disabled=${!idle} @click=${() => idle && act()}>
        ${label}
      </button>
      <a class="button" href=${before}>${words.back}</a>
      <span id="why-not" class="quiet" role="status">${missing}</span>
    </p>`;
  }

  /** Step 14 and 15: the registration is added, and its credentials are validated at once. */
  async #add(value: ServiceView, proposal: RegistrationView, added: boolean): Promise<void> {
    const { calls } = here();
    const { tenantId, clientId } = proposal;
    const now = await this.#change.run(async (onDoubt) => {
      const service = added
        ? value
        : await calls.addRegistration(
            value.id,
            { tenantId, clientId, acknowledged: this.#acknowledged },
            { etag: value.etag, onDoubt },
          );
      this.#source.put({ service, check: null });
      await calls.validate(value.id, { etag: service.etag, onDoubt });
      return service;
    });
    void this.#source.refresh();
    if (now) go(`/onboarding/${value.id}/validation`);
  }

  #validation(value: ServiceView, check: CheckView | null): TemplateResult {
    const back = `/onboarding/${value.id}/registration`;
    if (isRunning(check))
      return html`<h2>${words.validating}</h2>
        ${checks(check)}`;
    if (value.state === "authenticated" && hasRegistration(value)) return this.#again(value, check, back);
    if (!hasRegistration(value))
      return html`<h2>${words.steps.validation}</h2>
        <p>${words.notAdded}</p>`;
    return html`<h2>${words.validated}</h2>
      ${checks(check)}${this.#next("", () => go(`/onboarding/${value.id}/finish`), back)}`;
  }

  /** The credentials are not validated yet, or did not pass: a new secret needs a new invitation. */
  #again(value: ServiceView, check: CheckView | null, back: string): TemplateResult {
    const missing = mayChange() ? "" : words.missing.operator;
    const renew = (): void => {
      this.#renewing = true;
      this.redraw();
    };
    return html`<h2>${value.reason ? words.validationFailed : words.steps.validation}</h2>
      ${checks(check)}${this.#next(missing, () => void this.#validate(value), back, words.validateAgain)}
      ${
        value.reason && mayChange() && mayReinitiate(value)
          ? html`<section class="card">
              <h3>${words.newSecret}</h3>
              <p>${words.newSecretNext}</p>
              <p class="actions"><button @click=${renew}>${texts.service.reinitiate}</button></p>
            </section>`
          : nothing
      }`;
  }

  async #validate(value: ServiceView): Promise<void> {
    await this.#change.run((onDoubt) => here().calls.validate(value.id, { etag: value.etag, onDoubt }));
    await this.#source.refresh();
  }

  #finish(value: ServiceView, check: CheckView | null): TemplateResult {
    if (value.state === "active") return created(value);
    if (value.state === "creating")
      return html`<h2>${words.creating}</h2>
        ${checks(check)}`;
    const missing = !mayChange() ? words.missing.operator : value.state === "validated" ? "" : words.notValidated;
    const back = `/onboarding/${value.id}/validation`;
    return html`<h2>${value.reason ? words.creationFailed : words.finishTitle}</h2>
      ${attentionNotice(value.attention)}
      <p>${words.finishWill(value.shortName)}</p>
      ${summary(value)} ${this.#next(missing, () => void this.#complete(value), back, words.complete)}`;
  }

  async #complete(value: ServiceView): Promise<void> {
    const now = await this.#change.run((onDoubt) => here().calls.complete(value.id, { etag: value.etag, onDoubt }));
    if (now) this.#source.put({ service: now, check: null });
    await this.#source.refresh();
  }
}

const isBusy = (value: Connecting | undefined): boolean =>
  value?.service.state === "creating" || isRunning(value?.check);

const checks = (check: CheckView | null): TemplateResult | typeof nothing => (check ? checkList(check) : nothing);

function created(value: ServiceView): TemplateResult {
  return html`<h2>${words.createdTitle}</h2>
    <p>${badge("good", words.created(value.activatedAt ? inFull(value.activatedAt) : ""))}</p>
    <p class="actions">
      <a class="button primary" href="/services/${value.id}">${words.open}</a>
      <a class="button" href="/onboarding/customer">${words.another}</a>
    </p>`;
}

customElements.define("connect-page", ConnectPage);
