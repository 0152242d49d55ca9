// The wizard's steps at the side, each with its address.

import { html, nothing, type TemplateResult } from "lit";
import { texts } from "../texts/index.js";

const words = texts.onboarding;

export type OrderStep = "customer" | "service" | "licence" | "administrator" | "invitations";
export type ConnectStep = "sent" | "registration" | "validation" | "finish";

const ORDER: [OrderStep, string][] = [
  ["customer", words.steps.customer],
  ["service", words.steps.service],
  ["licence", words.steps.license],
  ["administrator", words.steps.administrator],
];
const CONNECT: [ConnectStep, string][] = [
  ["registration", words.steps.registration],
  ["validation", words.steps.validation],
  ["finish", words.steps.finish],
];

/** The path of steps; those before the service is ordered are links, and those after it once it is. */
export function steps(current: OrderStep | ConnectStep, service = ""): TemplateResult {
  const order = ORDER.map(([step, name]) => entry(name, service ? "" : `/onboarding/${step}`, step === current));
  const connect = CONNECT.map(([step, name]) =>
    entry(name, service ? `/onboarding/${service}/${step}` : "", step === current),
  );
  return html`<nav class="steps" aria-label=${words.stepsLabel}>
    <ol>
      ${order}${connect}
    </ol>
    <p>
      <a href="/onboarding/invitations" aria-current=${current === "invitations" ? "step" : nothing}
        >${words.pending}</a
      >
    </p>
    <p class="quiet">${words.pendingHelp}</p>
  </nav>`;
}

const entry = (name: string, to: string, current: boolean): TemplateResult =>
  html`<li aria-current=${current ? "step" : nothing}>${to && !current ? html`<a href=${to}>${name}</a>` : name}</li>`;
