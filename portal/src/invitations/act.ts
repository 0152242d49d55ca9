// One act on one invitation, in a dialog that says before what will happen to whom, and after it what happened.

import { html, nothing, type TemplateResult } from "lit";
import type { InvitationRow, Resend } from "../api/schema.js";
import { announce } from "../app/announce.js";
import { Change } from "../app/change.js";
import { here } from "../app/page.js";
import { DialogElement } from "../parts/dialog.js";
import { field } from "../parts/field.js";
import { takesFocus } from "../parts/focus.js";
import { languageChoice, languageOf, type Language } from "../parts/language.js";
import { refusal } from "../parts/standing.js";
import { invitationStatus } from "../parts/states.js";
import { inFull, timeTag } from "../parts/times.js";
import { texts } from "../texts/index.js";
import { ENDED, type Act } from "./acts.js";

const words = texts.invitations;
const HOUR = 3_600_000; // milliseconds

/** Tells `changed` when the invitation may be another, and `done` when the dialog closes. */
class InvitationAct extends DialogElement {
  static override properties = { row: { attribute: false }, act: {} };
  declare row: InvitationRow;
  declare act: Act;
  #change = new Change(() => this.requestUpdate());
  #address = "";
  #language: Language | undefined;
  #until = "";
  #link = "";
  #done = "";

  protected override firstUpdated(): void {
    super.firstUpdated();
    if (this.act === "copy" || this.act === "wake") void this.#do();
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="act-title" @close=${this.closed} @cancel=${this.escaped}>
      <h2 id="act-title">${this.#done ? words.doneTitles[this.act] : this.#title()}</h2>
      <p class="quiet">${this.row.shortName} · ${this.row.fullName}</p>
      ${this.#done ? nothing : this.#standing()}
      ${this.#change.doubt ? html`<p role="status">${this.#change.doubt}</p>` : nothing} ${refusal(this.#change)}
      ${
        this.#done
          ? html`<p role="status">${this.#done}</p>
              ${this.#link ? this.#byHand() : nothing}`
          : this.#form()
      }
      <p class="actions">
        ${this.#done ? nothing : this.#button()}
        <button ?autofocus=${this.act === "revoke"} @click=${() => this.close()}>
          ${this.#done ? texts.fields.close : texts.fields.cancel}
        </button>
      </p>
    </dialog>`;
  }

  /** How the invitation stands now: it may have changed since the act was chosen. */
  #standing(): TemplateResult {
    const { status, emailSentAt, expiresAt } = this.row;
    const open = status === "pending" || status === "validating";
    return html`<p>
      ${invitationStatus(status)}${emailSentAt ? html` · ${words.sentAt} ${timeTag(emailSentAt)}` : nothing}${
        open ? html` · ${words.openUntil(inFull(expiresAt))}` : nothing
      }
    </p>`;
  }

  /** Where the browser does not let a page write to the clipboard. */
  #byHand(): TemplateResult {
    const select = (event: Event): void => (event.target as HTMLInputElement).select();
    return html`<div class="field">
      <label for="act-link">${words.link}</label>
      <input id="act-link" readonly .value=${this.#link} @focus=${select} ${takesFocus()} />
    </div>`;
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
        return html`<p>${words.revokeWill(this.row.adminEmail, this.row.deviceAuthenticated)}</p>`;
      default:
        return nothing;
    }
  }

  #resendForm(): TemplateResult {
    const { adminEmail } = this.row;
    const address = field({
      id: "act-email",
      label: adminEmail ? words.resendTo : texts.onboarding.email,
      optional: Boolean(adminEmail),
      help: adminEmail ? undefined : words.resendAsks,
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
    const revives = ENDED.includes(this.row.status);
    return html`<p>${words.resendWill(this.#address || adminEmail)} ${revives ? words.revives : nothing}</p>
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
          return calls
            .resend(row.id, this.#resend(), seen)
            .then((now) => words.resent(now.adminEmail, inFull(now.expiresAt)));
        case "extend":
          return calls.extend(row.id, this.#wanted(), seen).then((now) => words.extended(inFull(now.expiresAt)));
        case "revoke":
          return calls.revoke(row.id, seen).then(() => words.revoked);
        case "wake":
          return calls.wake(row.attention?.work ?? "").then(() => words.woken);
        case "copy":
          return calls.copyLink(row.id, seen).then(({ link }) => this.#copied(link));
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
