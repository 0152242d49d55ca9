// A service at a glance: its state as a path of five steps, who is expected to act, its values, its invitation.

import { html, nothing, type TemplateResult } from "lit";
import type { InvitationRow, ServiceState, ServiceView } from "../api/schema.js";
import { mayChange } from "../app/page.js";
import { addressShown } from "../parts/address.js";
import { nextStep } from "../parts/connection.js";
import { icon } from "../parts/icons.js";
import { invitationStatus } from "../parts/states.js";
import { timeTag } from "../parts/times.js";
import { texts } from "../texts/index.js";

const words = texts.service;
const PATH: ServiceState[] = ["invited", "authenticated", "validated", "creating", "active"];

/** The buttons that belong to the service and to its invitation. */
export interface Acts {
  service: TemplateResult | typeof nothing;
  invitation: TemplateResult | typeof nothing;
}

export function overview(value: ServiceView, acts: Acts, changed: () => void): TemplateResult {
  return html`${path(value.state)}${ended(value)}${onward(value)}
    ${value.personalData === "erased" ? html`<p class="quiet">${words.erased}</p>` : nothing}
    <service-values .service=${value} .acts=${acts.service} @changed=${changed}></service-values>
    <section class="card">
      <h2>${words.invitation}</h2>
      ${invitation(value.invitation)}
      <p class="actions">${acts.invitation}</p>
    </section>`;
}

function path(state: ServiceState): TemplateResult | typeof nothing {
  const at = PATH.indexOf(state);
  if (at < 0) return nothing;
  const step = (one: ServiceState, number: number): TemplateResult => {
    const past = number < at || state === "active";
    return html`<li class=${past ? "past" : ""} aria-current=${number === at ? "step" : nothing}>
      ${texts.states.service[one]}
    </li>`;
  };
  return html`<ol class="path" aria-label=${words.path}>
    ${PATH.map(step)}
  </ol>`;
}

/** Why the service is at an end, and what that has come to. */
function ended({ state, reason }: ServiceView): TemplateResult | typeof nothing {
  if (state !== "cancelled" && state !== "disconnected") return nothing;
  return html`<div class="notice">
    ${icon("quiet")}
    <div>
      <p class="notice-title">${words.none[state].title}</p>
      <p>${reason?.detail ?? nothing} ${words.none[state].next}</p>
    </div>
  </div>`;
}

/** Who is expected to act, and the way there. */
function onward(value: ServiceView): TemplateResult {
  const to = mayChange() && nextStep(value);
  return html`<p>${expected(value)}${to ? html` <a class="button primary" href=${to}>${words.goOn}</a>` : nothing}</p>`;
}

function expected({ state, invitation }: ServiceView): string {
  switch (state) {
    case "invited":
      if (invitation.status === "validating") return words.who.system;
      return invitation.status === "pending" ? words.who.admin(invitation.adminEmail) : words.who.resend;
    case "authenticated":
      return invitation.status === "accepted" ? words.who.validate : words.who.add;
    case "validated":
      return words.who.complete;
    case "creating":
      return words.who.system;
    default:
      return words.nobody;
  }
}

function invitation(one: InvitationRow): TemplateResult {
  const { columns } = texts.invitations;
  const open = one.status === "pending" || one.status === "validating";
  return html`<dl class="facts">
    <dt>${columns.status}</dt>
    <dd>${invitationStatus(one.status)}</dd>
    <dt>${columns.adminEmail}</dt>
    <dd>${addressShown(one.adminEmail)}</dd>
    <dt>${columns.sent}</dt>
    <dd>${texts.states.mail[one.emailState]}${one.emailSentAt ? html`, ${timeTag(one.emailSentAt)}` : nothing}</dd>
    <dt>${columns.authenticated}</dt>
    <dd>${one.deviceAuthenticated ? texts.invitations.yes : texts.invitations.no}</dd>
    ${
      open
        ? html`<dt>${columns.expires}</dt>
            <dd>${timeTag(one.expiresAt)}</dd>
            <dt>${columns.tries}</dt>
            <dd>${one.triesLeft}</dd>`
        : nothing
    }
  </dl>`;
}
