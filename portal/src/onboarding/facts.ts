// What the wizard shows of an ordered service: what was sent, whose tenant answered, the values to complete.

import { html, nothing, type TemplateResult } from "lit";
import type { RegistrationView, ServiceView } from "../api/schema.js";
import { addressShown } from "../parts/address.js";
import { checkList } from "../parts/checks.js";
import { badge } from "../parts/icons.js";
import { attentionNotice, invitationStatus } from "../parts/states.js";
import { dayOf, daysUntil, inFull, timeTag } from "../parts/times.js";
import { texts } from "../texts/index.js";

const words = texts.onboarding;

export function sent(value: ServiceView): TemplateResult {
  const { invitation } = value;
  const answered = invitation.status === "authenticated";
  return html`<h2>${words.sentTitles[invitation.emailState]}</h2>
    <p>
      ${words.sentTo(value.fullName, invitation.adminEmail)}
      ${invitation.adminEmail ? words.sentUntil(inFull(invitation.expiresAt)) : nothing}
    </p>
    ${invitationFacts(value)}${attentionNotice(value.attention)}
    <p>${answered ? texts.service.who.add : words.sentNext}</p>
    <p class="actions">
      ${
        answered
          ? html`<a class="button primary" href="/onboarding/${value.id}/registration">${words.addTitle}</a>`
          : html`<a class="button primary" href="/invitations?q=${encodeURIComponent(value.shortName)}"
              >${words.seeInvitation}</a
            >`
      }
      <a class="button" href="/services/${value.id}">${words.open}</a>
      <a class="button" href="/onboarding/customer">${words.another}</a>
    </p>`;
}

/** Who is waited for, and until when. */
export function invitationFacts({ invitation }: ServiceView): TemplateResult {
  const { columns, yes, no } = texts.invitations;
  return html`<dl class="facts">
    <dt>${columns.adminEmail}</dt>
    <dd>${addressShown(invitation.adminEmail)}</dd>
    <dt>${columns.status}</dt>
    <dd>${invitationStatus(invitation.status)}</dd>
    <dt>${columns.sent}</dt>
    <dd>
      ${texts.states.mail[invitation.emailState]}${
        invitation.emailSentAt ? html`, ${timeTag(invitation.emailSentAt)}` : nothing
      }
    </dd>
    <dt>${columns.expires}</dt>
    <dd>${timeTag(invitation.expiresAt)}</dd>
    <dt>${columns.authenticated}</dt>
    <dd>${invitation.deviceAuthenticated ? yes : no}</dd>
  </dl>`;
}

/** Whose tenant it is comes first; then the ids, the permissions, the secret's end. */
export function evidence(one: RegistrationView): TemplateResult {
  const tones = { match: "good", differs: "bad", unknown: "warning" } as const;
  return html`<section class="card">
      <h3>${words.addEvidence}</h3>
      <p>${badge(tones[one.domainMatch], texts.states.match[one.domainMatch])}</p>
      ${one.otherCustomers?.length ? html`<p>${badge("warning", words.otherCustomers(one.otherCustomers.map(({ name }) => name).join(", ")))}</p>` : nothing}
      <dl class="facts">
        <dt>${words.tenant}</dt>
        <dd>${one.tenantName ?? words.unknown}</dd>
        <dt>${words.domains}</dt>
        <dd>${one.verifiedDomains.join(", ") || words.unknown}</dd>
        <dt>${words.invited}</dt>
        <dd>${addressShown(one.invitedAddress)}</dd>
        <dt>${words.cameBy}</dt>
        <dd>${texts.states.channel[one.channel]}</dd>
      </dl>
    </section>
    <section class="card">
      <h3>${words.details}</h3>
      <dl class="facts">
        <dt>${words.tenantId}</dt>
        <dd><code>${one.tenantId}</code></dd>
        <dt>${words.clientId}</dt>
        <dd><code>${one.clientId}</code></dd>
        <dt>${words.application}</dt>
        <dd>${one.applicationName ?? words.unknown}</dd>
        <dt>${words.secret}</dt>
        <dd>${one.secretHint ? words.secretHint(one.secretHint) : words.secretNever}</dd>
        <dt>${words.secretEnds}</dt>
        <dd>
          ${one.secretExpiresOn ? `${dayOf(one.secretExpiresOn)} (${texts.services.daysLeft(daysUntil(one.secretExpiresOn))})` : words.unknown}
        </dd>
        <dt>${words.permissions}</dt>
        <dd>${one.permissions.join(", ") || words.none}</dd>
      </dl>
      ${
        one.check
          ? html`<details>
              <summary>${texts.check.items}</summary>
              ${checkList(one.check)}
            </details>`
          : nothing
      }
    </section>`;
}

export const summary = (value: ServiceView): TemplateResult =>
  html`<dl class="facts">
    <dt>${words.fullName}</dt>
    <dd>${value.fullName}</dd>
    <dt>${words.shortName}</dt>
    <dd>${value.shortName}</dd>
    <dt>${texts.fields.customer}</dt>
    <dd>${value.customer.name}</dd>
    <dt>${words.license}</dt>
    <dd>${texts.states.license[value.license]}</dd>
    <dt>${words.users}</dt>
    <dd>${value.licensedUsers}</dd>
    <dt>${words.tenant}</dt>
    <dd>${value.proposal?.tenantName ?? words.unknown}</dd>
  </dl>`;
