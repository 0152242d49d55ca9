// The Pending Invitations page: every invitation that waits for somebody, with what can be done about it.

import { html, nothing, type TemplateResult } from "lit";
import type { Listed } from "../api/calls.js";
import type { InvitationRow, InvitationStatus } from "../api/schema.js";
import { holds, ListPage } from "../app/list-page.js";
import { here, mayChange } from "../app/page.js";
import { addressInWords } from "../parts/address.js";
import { choice, search, toggle } from "../parts/filters.js";
import { menuButton } from "../parts/menu.js";
import { texts } from "../texts/index.js";
import "./act.js";
import { actEntries, type Act } from "./acts.js";
import { invitationTable } from "./table.js";

const words = texts.invitations;
const SOON = 2 * 86_400_000; // milliseconds
const SHOWN: InvitationStatus[] = [
  "pending",
  "validating",
  "authenticated",
  "expired",
  "revoked",
  "declined",
  "locked",
];

class InvitationsPage extends ListPage<InvitationRow> {
  protected override readonly heading = words.title;
  protected override readonly purpose = words.purpose;
  protected override readonly asked = ["status", "attention", "customerId"];
  protected override readonly sought = ["q", "expiring"];
  /** As it was when the act was chosen; the list may have a newer one. */
  #acting: { row: InvitationRow; act: Act } | undefined;

  protected override first(asked: Record<string, string>, signal: AbortSignal): Promise<Listed<InvitationRow>> {
    return here().calls.invitations(asked, signal);
  }

  protected override isSought(row: InvitationRow, query: URLSearchParams): boolean {
    const { shortName, fullName, customer, adminEmail } = row;
    const found = holds(query.get("q"), shortName, fullName, customer.name, addressInWords(adminEmail));
    return found && (!query.has("expiring") || expiresSoon(row));
  }

  protected override fields(query: URLSearchParams): TemplateResult {
    const statuses = SHOWN.map((one): [string, string] => [one, texts.states.invitation[one]]);
    const { searchFor, attentionOnly } = texts.services;
    const [status, stuck] = [query.get("status") ?? "", query.get("attention") === "true"];
    return html`${search(searchFor, query.get("q") ?? "", (q) => this.filter({ q }))}
    ${choice("status", words.columns.status, statuses, status, (chosen) => this.filter({ status: chosen }))}
    ${toggle("attention", attentionOnly, stuck, (on) => this.filter({ attention: on ? "true" : "" }))}
    ${toggle("expiring", words.expiringSoon, query.has("expiring"), (on) => this.filter({ expiring: on ? "soon" : "" }))}`;
  }

  protected override table(rows: InvitationRow[]): TemplateResult {
    return invitationTable(rows, (row) => this.#menu(row));
  }

  #menu(row: InvitationRow): TemplateResult {
    const adds = row.status === "authenticated" && mayChange();
    return menuButton(
      "…",
      [
        ...(adds ? [{ label: words.add, act: `/onboarding/${row.serviceId}/registration` }] : []),
        { label: words.open, act: `/services/${row.serviceId}` },
        ...(mayChange() ? actEntries(row, (act) => this.#act({ row, act })) : []),
      ],
      "quiet-button",
      `${texts.fields.actions}: ${row.shortName}`,
    );
  }

  protected override dialogs(): TemplateResult | typeof nothing {
    if (!this.#acting) return nothing;
    const { row, act } = this.#acting;
    return html`<invitation-act
      .row=${this.list.value?.rows.find((one) => one.id === row.id) ?? row}
      .act=${act}
      @changed=${() => void this.list.refresh()}
      @done=${() => this.#act(undefined)}
    ></invitation-act>`;
  }

  #act(acting: { row: InvitationRow; act: Act } | undefined): void {
    this.#acting = acting;
    this.redraw();
  }
}

function expiresSoon(row: InvitationRow): boolean {
  const left = Date.parse(row.expiresAt) - Date.now();
  return left > 0 && left < SOON && row.status !== "revoked" && row.status !== "declined";
}

customElements.define("invitations-page", InvitationsPage);
