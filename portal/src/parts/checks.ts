// A check as it goes on and ends: since when, what it waits for, each item with its state in words and what to do.

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { CheckView, ItemView } from "../api/schema.js";
import { locale, texts } from "../texts/index.js";
import { badge, type Tone } from "./icons.js";
import { timeTag } from "./times.js";

const TONES: Record<ItemView["state"], Tone> = {
  waiting: "waiting",
  passed: "good",
  warning: "warning",
  failed: "bad",
};
/** What has failed comes first, once the check has ended. */
const ORDER: ItemView["state"][] = ["failed", "warning", "passed", "waiting"];
const SLOW = 10_000; // milliseconds
const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });

export const isRunning = (check: CheckView | null | undefined): boolean => Boolean(check && !check.finishedAt);

export function checkList(check: CheckView): TemplateResult {
  const running = isRunning(check);
  return html`${running ? progress(check) : html`<p class="quiet">${check.finishedAt ? html`${texts.check.done} ${timeTag(check.finishedAt)}` : nothing}</p>`}
    <ul class="checks" aria-label=${texts.check.items}>
      ${repeat(
        running
          ? check.items
          : check.items.toSorted((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state)),
        (item) => item.name,
        (item) => row(item, running),
      )}
    </ul>`;
}

function progress(check: CheckView): TemplateResult {
  const elapsed = Math.max(0, Date.now() - Date.parse(check.startedAt));
  return html`<p class="busy">
      <span class="spinner" aria-hidden="true"></span>
      <span
        >${texts.check.since(clock.format(Date.parse(check.startedAt)), Math.floor(elapsed / 1000))}
        ${check.waitingFor ?? texts.check.waiting}</span
      >
    </p>
    ${elapsed > SLOW ? html`<p class="notice warning" role="status">${texts.check.slow}</p>` : nothing}`;
}

function row(item: ItemView, running: boolean): TemplateResult {
  const word = item.state === "waiting" && !running ? texts.states.notChecked : texts.states.item[item.state];
  const explained = item.state === "failed" || item.state === "warning";
  return html`<li class="check" data-state=${item.state}>
    <div class="check-head"><span>${item.title}</span>${badge(TONES[item.state], word)}</div>
    ${item.detail ? html`<p>${item.detail}</p>` : nothing}
    ${explained && item.steps.length ? steps(item.steps) : nothing}
    ${item.traceId ? html`<p class="quiet">${texts.check.trace}: <code>${item.traceId}</code></p>` : nothing}
  </li>`;
}

/** What mends it is done in the Entra admin centre, by the tenant's administrator. */
const steps = (all: string[]): TemplateResult =>
  html`<p>${texts.check.forAdmin}</p>
    <ol>
      ${all.map((step) => html`<li>${step}</li>`)}
    </ol>`;
