// The states of services, invitations and checks: a word and an icon for each, never colour alone.

import { html, nothing, type TemplateResult } from "lit";
import type { AttentionView, InvitationStatus, ServiceState } from "../api/schema.js";
import { mayChange } from "../app/page.js";
import { texts } from "../texts/index.js";
import { badge, type Tone } from "./icons.js";
import { timeTag } from "./times.js";

const SERVICE: Record<ServiceState, Tone> = {
  invited: "waiting",
  authenticated: "good",
  validated: "good",
  creating: "waiting",
  active: "good",
  cancelled: "quiet",
  disconnected: "quiet",
};
const INVITATION: Record<InvitationStatus, Tone> = {
  pending: "waiting",
  validating: "waiting",
  authenticated: "good",
  accepted: "good",
  expired: "bad",
  revoked: "quiet",
  declined: "bad",
  locked: "bad",
};

export const serviceState = (state: ServiceState): TemplateResult => badge(SERVICE[state], texts.states.service[state]);
export const invitationStatus = (status: InvitationStatus): TemplateResult =>
  badge(INVITATION[status], texts.states.invitation[status]);

/** What needs a person, in a word; the sentence on hover and for screen readers. */
const attentionBadge = (attention: AttentionView | null): TemplateResult | typeof nothing =>
  attention
    ? html`<span title=${attention.detail}
        >${badge("warning", texts.states.attention[attention.code])}<span class="visually-hidden"
          >: ${attention.detail}</span
        ></span
      >`
    : nothing;

/** A step of the wizard that waits for the operator: what it is called, where it is, which service it is of. */
export interface Step {
  word: string;
  to: string;
  shortName: string;
}

/** What a row needs of the reader: what hinders it, and the next step, for those who may take it. */
export const needs = (attention: AttentionView | null, step: Step | undefined): TemplateResult =>
  html`<div class="needs">
    ${attentionBadge(attention)}${step && mayChange() ? html`<a href=${step.to} aria-label="${step.word}: ${step.shortName}">${step.word}</a>` : nothing}
  </div>`;

/** The same as a notice, with since when; `acts` are the buttons that mend it. */
export const attentionNotice = (
  attention: AttentionView | null,
  acts: TemplateResult | typeof nothing = nothing,
): TemplateResult | typeof nothing =>
  attention
    ? html`<div class="notice warning">
        ${badge("warning", texts.states.attention[attention.code])}
        <div>
          <p>${attention.detail}${attention.since ? html` (${timeTag(attention.since)})` : nothing}</p>
          ${acts}
        </div>
      </div>`
    : nothing;
