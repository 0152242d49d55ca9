// What an operator can do with an invitation: resend, copy a link, extend, revoke, try its work now. Each says before what
// will happen to whom, and after it what happened; both lists and pages use it.

import { LitElement, html, nothing, type TemplateResult } from "lit";
import type { InvitationRow, Mend, Resend } from "../api/schema.js";
import { announce } from "../app/announce.js";
import { Change } from "../app/change.js";
import { here } from "../app/page.js";
import { field } from "../parts/field.js";
import { languageChoice, languageOf, type Language } from "../parts/language.js";
import type { Entry } from "../parts/menu.js";
import { refusal } from "../parts/standing.js";
import { inFull } from "../parts/times.js";
import { texts } from "../texts/index.js";

export type Act = "resend" | "copy" | "extend" | "revoke" | "wake";

const words = texts.invitations;
const HOUR = 3_600_000; // milliseconds
const ENDED = ["expired", "revoked", "declined", "locked"];

/** What the invitation's state allows, as the API has it. */
export function actsOf(row: InvitationRow): Act[] {
  const open = row.status === "pending" || row.status === "validating";
  const wakes: Mend[] = row.attention?.calls ?? [];
  return [
    ...(wakes.includes("wake_owed") && row.attention?.work ? (["wake"] as const) : []),
    ...(row.status === "accepted" ? [] : (["resend"] as const)),
    ...(open ? (["copy", "extend"] as const) : []),
    ...(open || row.status === "authenticated" || (ENDED.includes(row.status) && row.status !== "revoked")
      ? (["revoke"] as const)
      : []),
  ];
}

export const actEntries = (row: InvitationRow, begin: (act: Act) => void): Entry[] =>
  actsOf(row).map((act) => ({ label: labelOf(act), act: () => begin(act) }));

export const labelOf = (act: Act): string =>
  ({ resend: words.resend, copy: words.copy, extend: words.extend, revoke: words.revoke, wake: words.wake })[act];

/** One act on one invitation, in a dialog; tells `done` when the invitation has changed. */
export class InvitationAct extends LitElement {
  static override properties = { row: { attribute: false }, act: {} };
  declare row: InvitationRow;
  declare act: Act;
  #change = new Change(() => this.requestUpdate());
  #address = "";
  #language: Language | undefined;
  #until = "";
  #link = "";
  #done = "";

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override firstUpdated(): void {
    this.querySelector("dialog")?.showModal();
    if (this.act === "copy" || this.act === "wake") void this.#do();
  }

  override render(): TemplateResult {
    return html`<dialog
      aria-labelledby="act-title"
      @close=${() => this.dispatchEvent(new CustomEvent("done", { bubbles: true }))}
    >
      <h2 id="act-title">${this.#title()}</h2>
      <p class="quiet">${this.row.shortName} · ${this.row.fullName}</p>
      ${this.#change.doubt ? html`<p role="status">${this.#change.doubt}</p>` : nothing}
      ${refusal(this.#change.trouble, this.#change.code)}
      ${
        this.#done
          ? html`<p role="status">${this.#done}</p>
              ${this.#link ? html`<p class="link-text"><code>${this.#link}</code></p>` : nothing}`
          : this.#form()
      }
      <p class="actions">
        ${this.#done ? nothing : this.#button()}
        <button @click=${() => this.querySelector("dialog")?.close()}>
          ${this.#done ? texts.fields.close : texts.fields.cancel}
        </button>
      </p>
    </dialog>`;
  }

  #title(): string {
    return {
      resend: words.resendTitle,
      copy: words.copy,
      extend: words.extendTitle,
      revoke: words.revokeTitle,
      wake: words.wake,
    }[this.act];
  }

  #form(): TemplateResult | typeof nothing {
    switch (this.act) {
      case "resend":
        return this.#resendForm();
      case "extend":
        return this.#extendForm();
      case "revoke":
        return html`<p>${words.revokeWill(this.row.adminEmail)}</p>`;
      default:
        return nothing;
    }
  }

  #resendForm(): TemplateResult {
    const address = field({
      id: "act-email",
      label: words.resendTo,
      optional: true,
      type: "email",
      value: this.#address,
      error: this.#change.fields["/adminEmail"],
      onInput: (value) => {
        this.#address = value.trim();
        this.requestUpdate();
      },
    });
    const language = languageChoice("act-language", this.#language ?? languageOf(this.row), (chosen) => {
      this.#language = chosen;
    });
    return html`<p>${words.resendWill(this.#address || this.row.adminEmail)}</p>
      ${address}${language}`;
  }

  #extendForm(): TemplateResult {
    return field({
      id: "act-until",
      label: words.extendTo,
      help: words.extendHelp,
      type: "datetime-local",
      value: this.#until || local(Date.parse(this.row.expiresAt)),
      error: this.#change.fields["/expiresAt"],
      min: local(Date.now() + HOUR),
      max: local(Date.now() + 30 * 24 * HOUR),
      onInput: (given) => {
        this.#until = given;
      },
    });
  }

  #button(): TemplateResult | typeof nothing {
    const name = {
      resend: words.resend,
      extend: words.extend,
      revoke: words.revokeNow,
      copy: words.copy,
      wake: words.wake,
    }[this.act];
    return html`<button
      class=${this.act === "revoke" ? "danger" : "primary"}
      aria-disabled=${this.#change.busy}
      @click=${() => void this.#do()}
    >
      ${name}
    </button>`;
  }

  async #do(): Promise<void> {
    const { calls } = here();
    const { row } = this;
    const done = await this.#change.run(async (onDoubt) => {
      const seen = { etag: row.etag, onDoubt };
      switch (this.act) {
        case "resend":
          return words.resent((await calls.resend(row.id, this.#resend(), seen)).adminEmail);
        case "extend":
          return words.extended(inFull((await calls.extend(row.id, this.#wanted(), seen)).expiresAt));
        case "revoke":
          return calls.revoke(row.id, seen).then(() => words.revoked);
        case "wake":
          return calls.wake(row.attention?.work ?? "").then(() => words.woken);
        case "copy":
          return this.#copied((await calls.copyLink(row.id, seen)).link);
      }
    });
    this.dispatchEvent(new CustomEvent("changed", { bubbles: true })); // refused, too: it may not be as it was seen
    if (!done) return;
    this.#done = done;
    announce(done);
    this.requestUpdate();
  }

  /** What the form leaves alone stays as it was. */
  #resend(): Resend {
    const address = this.#address ? { adminEmail: this.#address } : {};
    return this.#language ? { ...address, language: this.#language } : address;
  }

  #wanted(): string {
    return new Date(this.#until || this.row.expiresAt).toISOString().replace(/\.\d+Z$/, "Z");
  }

  async #copied(link: string): Promise<string> {
    try {
      await navigator.clipboard.writeText(link);
      return words.copied;
    } catch {
      this.#link = link;
      return words.copyByHand;
    }
  }
}

/** The reader's own time, as a datetime-local input has it. */
function local(time: number): string {
  return new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

customElements.define("invitation-act", InvitationAct);
