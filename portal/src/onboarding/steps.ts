// The wizard's steps at the side, each with its address once it can be done.

import { html, nothing, type TemplateResult } from "lit";
import type { ServiceView } from "../api/schema.js";
import { hasRegistration } from "../parts/connection.js";
import { texts } from "../texts/index.js";

const words = texts.onboarding;

export type OrderStep = "customer" | "service" | "licence" | "administrator" | "invitations";
export type ConnectStep = "sent" | "registration" | "validation" | "finish";

interface Step {
  name: string;
  /** Its address, where it can be opened now. */
  to?: string | undefined;
  done: boolean;
  current: boolean;
}

const ORDER: [OrderStep, string][] = [
  ["customer", words.steps.customer],
  ["service", words.steps.service],
  ["licence", words.steps.license],
  ["administrator", words.steps.administrator],
];
const LATER = [words.steps.registration, words.steps.validation, words.steps.finish];

/** Before the service is ordered: its own steps can be opened in any order. */
export function orderSteps(current: OrderStep): TemplateResult {
  const at = ORDER.findIndex(([step]) => step === current);
  const order = ORDER.map(([step, name], number): Step => ({
    name,
    to: `/onboarding/${step}`,
    done: number < at,
    current: number === at,
  }));
  const later = LATER.map((name): Step => ({ name, done: false, current: false }));
  return steps([...order, ...later], current === "invitations");
}

/** After it: what was ordered is done, and a later step opens when its time has come. */
export function connectSteps(current: ConnectStep, service: ServiceView | undefined): TemplateResult {
  const order = ORDER.map(([step, name]): Step => ({
    name,
    done: true,
    current: current === "sent" && step === "administrator",
  }));
  const added = service !== undefined && hasRegistration(service);
  const validated = added && service.state !== "authenticated";
  const later: [ConnectStep, boolean, boolean][] = [
    ["registration", Boolean(service?.proposal), added],
    ["validation", added, validated],
    ["finish", validated, service?.state === "active"],
  ];
  const connect = later.map(([step, opens, done]): Step => ({
    name: words.steps[step as "registration" | "validation" | "finish"],
    to: service && opens ? `/onboarding/${service.id}/${step}` : undefined,
    done,
    current: step === current,
  }));
  return steps([...order, ...connect], false);
}

function steps(all: Step[], atInvitations: boolean): TemplateResult {
  return html`<nav class="steps" aria-label=${words.stepsLabel}>
    <ol>
      ${all.map(entry)}
    </ol>
    <p>
      <a href="/onboarding/invitations" aria-current=${atInvitations ? "step" : nothing}>${words.pending}</a>
    </p>
    <p class="quiet">${words.pendingHelp}</p>
  </nav>`;
}

function entry({ name, to, done, current }: Step): TemplateResult {
  const mark = done && !current ? html`<span class="visually-hidden">, ${words.stepDone}</span>` : nothing;
  return html`<li class=${done ? "done" : ""} aria-current=${current ? "step" : nothing}>
    ${to && !current ? html`<a href=${to}>${name}</a>` : name}${mark}
  </li>`;
}
