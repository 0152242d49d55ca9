// A service at a glance: its state as a path of five steps, who is expected to act, its values, its invitation.

import { html, nothing, type TemplateResult } from "lit";
import type { ServiceState, ServiceView } from "../api/schema.js";
import { mayChange } from "../app/page.js";
import { nextStep } from "../parts/connection.js";
import { invitationStatus } from "../parts/states.js";
import { timeTag } from "../parts/times.js";
import { texts } from "../texts/index.js";

const words = texts.service;
const PATH: ServiceState[] = ["invited", "authenticated", "validated", "creating", "active"];

export function overview(
  value: ServiceView,
  acts: TemplateResult | typeof nothing,
  changed: () => void,
): TemplateResult {
  const { invitation } = value;
  const onward = mayChange() && nextStep(value);
  return html`${path(value.state)}
    <p>${expected(value)}${onward ? html` <a class="button primary" href=${onward}>${words.goOn}</a>` : nothing}</p>
    ${value.reason ? html`<p class="notice warning">${value.reason.detail}</p>` : nothing}
    <service-values .service=${value} @changed=${changed}></service-values>
    <section class="card">
      <h2>${words.invitation}</h2>
      <dl class="facts">
        <dt>${texts.invitations.columns.status}</dt>
        <dd>${invitationStatus(invitation.status)}</dd>
        <dt>${texts.invitations.columns.adminEmail}</dt>
        <dd>${invitation.adminEmail}</dd>
        <dt>${texts.invitations.columns.sent}</dt>
        <dd>
          ${texts.states.mail[invitation.emailState]}${invitation.emailSentAt ? html`, ${timeTag(invitation.emailSentAt)}` : nothing}
        </dd>
        <dt>${texts.invitations.columns.expires}</dt>
        <dd>${timeTag(invitation.expiresAt)}</dd>
        <dt>${texts.invitations.columns.authenticated}</dt>
        <dd>${invitation.deviceAuthenticated ? texts.invitations.yes : texts.invitations.no}</dd>
        <dt>${texts.invitations.columns.tries}</dt>
        <dd>${invitation.triesLeft}</dd>
      </dl>
      ${acts}
    </section>`;
}

function path(state: ServiceState): TemplateResult | typeof nothing {
  const at = PATH.indexOf(state);
  if (at < 0) return nothing;
  return html`<ol class="path" aria-label=${words.path}>
    ${PATH.map(
      (step, number) =>
        html`<li
          class=${number < at || state === "active" ? "past" : ""}
          aria-current=${number === at ? "step" : nothing}
        >
          ${texts.states.service[step]}
        </li>`,
    )}
  </ol>`;
}

function expected({ state, invitation }: ServiceView): string {
  if (state === "invited")
    return invitation.status === "validating" ? words.who.system : words.who.admin(invitation.adminEmail);
  if (state === "authenticated") return invitation.status === "accepted" ? words.who.validate : words.who.add;
  if (state === "validated") return words.who.complete;
  return state === "creating" ? words.who.system : words.nobody;
}
