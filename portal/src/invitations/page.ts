// The Pending Invitations page: every invitation that waits for somebody, with what can be done about it.

import { html, nothing, type TemplateResult } from "lit";
import type { InvitationRow, InvitationStatus } from "../api/schema.js";
import { address, setQuery } from "../app/address.js";
import { here, mayChange, Page } from "../app/page.js";
import { pages, Source, type Rows } from "../app/source.js";
import { addService } from "../parts/add-service.js";
import { PAGE, choice, foot, listPause, matches, nothingFound, search, toggle, wantedRows } from "../parts/list.js";
import { menuButton } from "../parts/menu.js";
import { standing } from "../parts/standing.js";
import { texts } from "../texts/index.js";
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

class InvitationsPage extends Page {
  #opened = PAGE;
  /** As it was when the act was chosen; the list may have a newer one. */
  #acting: { row: InvitationRow; act: Act } | undefined;
  readonly #list = new Source<Rows<InvitationRow>>(
    (signal) => this.#load(signal),
    this.redraw,
    (list) => listPause(list?.rows.length ?? 0),
  );
  protected override readonly sources = [this.#list];

  async #load(signal: AbortSignal): Promise<Rows<InvitationRow>> {
    const { query } = address();
    const asked = Object.fromEntries(
      ["status", "attention", "customerId"].flatMap((name) => (query.get(name) ? [[name, query.get(name) ?? ""]] : [])),
    );
    const { calls } = here();
    const seeking = Boolean(query.get("q") ?? query.get("expiring"));
    return pages(calls.invitations(asked, signal), wantedRows(this.#opened, seeking), (link) =>
      calls.next(link, signal),
    );
  }

  override render(): TemplateResult {
    const { query } = address();
    const statuses = SHOWN.map((one): [string, string] => [one, texts.states.invitation[one]]);
    return html`<div class="head">
        <h1 tabindex="-1">${words.title}</h1>
        ${addService()}
      </div>
      <form class="filters" role="search" @submit=${(event: Event) => event.preventDefault()}>
        ${search(texts.services.searchFor, query.get("q") ?? "", (q) => this.#filter({ q }))}
        ${choice("status", words.columns.status, statuses, query.get("status") ?? "", (status) => this.#filter({ status }))}
        ${toggle("attention", texts.services.attentionOnly, query.get("attention") === "true", (on) => this.#filter({ attention: on ? "true" : "" }))}
        ${toggle("expiring", words.expiringSoon, query.has("expiring"), (on) => this.#filter({ expiring: on ? "soon" : "" }))}
      </form>
      ${standing(this.#list, (list) => this.#table(list))}
      ${
        this.#acting
          ? html`<invitation-act
              .row=${this.#newest(this.#acting.row)}
              .act=${this.#acting.act}
              @changed=${() => void this.#list.refresh()}
              @done=${() => {
                this.#acting = undefined;
                this.redraw();
              }}
            ></invitation-act>`
          : nothing
      }`;
  }

  #newest(row: InvitationRow): InvitationRow {
    return this.#list.value?.rows.find((one) => one.id === row.id) ?? row;
  }

  #filter(values: Record<string, string>): void {
    setQuery(values);
    this.#opened = PAGE;
    this.redraw();
    void this.#list.refresh();
  }

  #table(list: Rows<InvitationRow>): TemplateResult {
    const { query } = address();
    const rows = list.rows.filter((one) => isSought(one, query.get("q")?.trim() ?? "", query.has("expiring")));
    if (!list.rows.length && !query.size)
      return html`<section class="empty">
        <p>${words.purpose}</p>
        ${addService()}
      </section>`;
    if (!rows.length && !list.nextLink)
      return nothingFound(() => this.#filter({ q: "", status: "", attention: "", expiring: "", customerId: "" }));
    return html`${invitationTable(rows, (one) => this.#menu(one))}
    ${foot(list, rows.length, () => {
      this.#opened += PAGE;
      void this.#list.refresh();
    })}`;
  }

  #menu(row: InvitationRow): TemplateResult {
    const adds = row.status === "authenticated" && mayChange();
    return menuButton(
      "…",
      [
        ...(adds ? [{ label: words.add, act: `/onboarding/${row.serviceId}/registration` }] : []),
        { label: words.open, act: `/services/${row.serviceId}` },
        ...(mayChange()
          ? actEntries(row, (act) => {
              this.#acting = { row, act };
              this.redraw();
            })
          : []),
      ],
      "quiet-button",
      `${texts.fields.actions}: ${row.shortName}`,
    );
  }
}

function isSought(row: InvitationRow, text: string, expiring: boolean): boolean {
  const found = !text || matches(text, row.shortName, row.fullName, row.customer.name, row.adminEmail);
  const left = Date.parse(row.expiresAt) - Date.now();
  return found && (!expiring || (left > 0 && left < SOON && row.status !== "revoked" && row.status !== "declined"));
}

customElements.define("invitations-page", InvitationsPage);
