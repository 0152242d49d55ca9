// The table of pending invitations, with the procedure's columns: on their own page, and within the onboarding wizard.

import { html, nothing, type TemplateResult } from "lit";
import type { InvitationRow } from "../api/schema.js";
import { addressInWords, addressShown } from "../parts/address.js";
import { invitationStatus, needs, type Step } from "../parts/states.js";
import { table, type Column } from "../parts/table.js";
import { timeTag } from "../parts/times.js";
import { texts } from "../texts/index.js";

const words = texts.invitations;
const { columns } = words;
const COLUMNS: Column[] = [
  { name: columns.id },
  { name: columns.status },
  { name: columns.attention },
  { name: columns.authenticated },
  { name: columns.fullName },
  { name: columns.email },
  { name: columns.adminEmail },
  { name: columns.sent },
  { name: columns.sentCount, number: true },
  { name: columns.created },
  { name: columns.expires },
  { name: columns.tries, number: true },
];

type RowActs = (row: InvitationRow) => TemplateResult | typeof nothing;

/** @param acts a row's menu; it stands beside the name, where no scrolling hides it */
export function invitationTable(rows: InvitationRow[], acts: RowActs = () => nothing): TemplateResult {
  return table(words.caption, COLUMNS, rows, (one) => invitationRow(one, acts(one)));
}

function invitationRow(row: InvitationRow, acts: ReturnType<RowActs>): TemplateResult {
  return html`<tr>
    <th scope="row">
      <div class="row-head"><a href="/services/${row.serviceId}">${row.shortName}</a>${acts}</div>
    </th>
    <td>${invitationStatus(row.status)}</td>
    <td>${needs(row.attention, step(row))}</td>
    <td>${row.deviceAuthenticated ? words.yes : words.no}</td>
    <td title=${row.fullName}>${row.fullName}</td>
    <td title=${row.invitedBy}>${row.invitedBy}</td>
    <td title=${addressInWords(row.adminEmail)}>${addressShown(row.adminEmail)}</td>
    <td title=${row.emailReason ?? row.emailWaitingFor ?? ""}>
      ${row.emailSentAt ? timeTag(row.emailSentAt) : texts.states.mail[row.emailState]}
    </td>
    <td class="number">${row.emailSentCount}</td>
    <td>${timeTag(row.createdAt)}</td>
    <td>${timeTag(row.expiresAt)}</td>
    <td class="number">${row.triesLeft}</td>
  </tr>`;
}

/** Add, once the administrator has answered. */
const step = ({ status, serviceId, shortName }: InvitationRow): Step | undefined =>
  status === "authenticated" ? { word: words.add, to: `/onboarding/${serviceId}/registration`, shortName } : undefined;
