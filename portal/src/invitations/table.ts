// The table of pending invitations, with the procedure's columns: on their own page, and within the onboarding wizard.

import { html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { InvitationRow } from "../api/schema.js";
import { attentionBadge, invitationStatus } from "../parts/states.js";
import { timeTag } from "../parts/times.js";
import { texts } from "../texts/index.js";

const words = texts.invitations;

/** @param acts a row's menu or button; it stands beside the name, where no scrolling hides it */
export function invitationTable(rows: InvitationRow[], acts: (row: InvitationRow) => TemplateResult): TemplateResult {
  return html`<div class="table" tabindex="0" role="region" aria-label=${words.caption}>
    <table>
      <caption class="visually-hidden">
        ${words.caption}
      </caption>
      <thead>
        <tr>
          ${Object.values(words.columns).map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${repeat(
          rows,
          (one) => one.id,
          (one) => invitationRow(one, acts(one)),
        )}
      </tbody>
    </table>
  </div>`;
}

function invitationRow(row: InvitationRow, acts: TemplateResult): TemplateResult {
  return html`<tr>
    <th scope="row">
      <div class="row-head"><a href="/services/${row.serviceId}">${row.shortName}</a>${acts}</div>
    </th>
    <td>${row.fullName}</td>
    <td>${row.invitedBy}</td>
    <td>${row.adminEmail}</td>
    <td title=${row.emailReason ?? row.emailWaitingFor ?? ""}>
      ${row.emailSentAt ? timeTag(row.emailSentAt) : texts.states.mail[row.emailState]}
    </td>
    <td class="number">${row.emailSentCount}</td>
    <td>${timeTag(row.createdAt)}</td>
    <td>${timeTag(row.expiresAt)}</td>
    <td>${row.deviceAuthenticated ? words.yes : words.no}</td>
    <td>${invitationStatus(row.status)}</td>
    <td class="number">${row.triesLeft}</td>
    <td>${attentionBadge(row.attention)}</td>
  </tr>`;
}
