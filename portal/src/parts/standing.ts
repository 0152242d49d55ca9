// How a page stands: loading, troubled, or here with what was loaded last. Every page shows these states alike.

import { html, nothing, type TemplateResult } from "lit";
import { here } from "../app/page.js";
import type { Change } from "../app/change.js";
import type { Source, Trouble } from "../app/source.js";
import { texts } from "../texts/index.js";
import { takesFocus } from "./focus.js";
import { icon } from "./icons.js";
import { clockOf } from "./times.js";

/**
 * The page's content once it is there; until then, or where it cannot be, what the reader should know.
 * @param told whether the page around it says already why nothing is fresh
 */
export function standing<T>(source: Source<T>, content: (value: T) => TemplateResult, told = false): TemplateResult {
  const { value, trouble } = source;
  if (value !== undefined) return html`${told ? nothing : stale(source)}${content(value)}`;
  if (trouble) return wholePage(trouble, () => void source.refresh());
  if (!navigator.onLine) return wholePage({ kind: "offline" });
  return html`<div class="skeleton" role="status">
    <span class="visually-hidden">${texts.trouble.loading}</span>
    ${[1, 2, 3, 4, 5].map(() => html`<div class="bone"></div>`)}
  </div>`;
}

/** Above content that could not be refreshed. */
function stale({ trouble, loadedAt }: Pick<Source<unknown>, "trouble" | "loadedAt">): TemplateResult | typeof nothing {
  const shown = trouble ?? (navigator.onLine ? undefined : ({ kind: "offline" } as const));
  if (!shown) return nothing;
  return html`<div class="notice warning" role="status">
    ${icon("warning")}
    <div>
      <p class="notice-title">${title(shown)}</p>
      <p>${next(shown)} ${texts.trouble.stale(clockOf(loadedAt))}</p>
      ${ways(shown)}
    </div>
  </div>`;
}

function wholePage(trouble: Trouble, retry?: () => void): TemplateResult {
  return html`<section class="empty" role="alert">
    ${icon(trouble.kind === "not-found" ? "quiet" : "warning")}
    <h2>${title(trouble)}</h2>
    <p>${next(trouble)}</p>
    ${ways(trouble, retry)}
  </section>`;
}

/** Beside the button that was pressed in vain; it takes the focus. */
export function refusal({ trouble }: Pick<Change, "trouble">): TemplateResult | typeof nothing {
  if (!trouble) return nothing;
  const tone = trouble.kind === "changed" ? "warning" : "bad";
  return html`<div class="notice ${tone}" role="alert" tabindex="-1" ${takesFocus()}>
    ${icon(tone)}
    <div>
      <p class="notice-title">${title(trouble)}</p>
      <p>${next(trouble)}</p>
      ${ways(trouble)}
    </div>
  </div>`;
}

function title(trouble: Trouble): string {
  switch (trouble.kind) {
    case "offline":
      return texts.trouble.offline;
    case "no-answer":
      return texts.trouble.noAnswer;
    case "session-ended":
      return texts.signIn.ended;
    case "not-found":
      return texts.trouble.notFound;
    case "no-permission":
      return texts.trouble.noPermission;
    case "unknown":
      return texts.change.unknown;
    case "changed":
      return texts.change.changed;
    case "refused":
      return trouble.title;
  }
}

function next(trouble: Trouble): string {
  switch (trouble.kind) {
    case "offline":
      return texts.trouble.offlineNext;
    case "no-answer":
      return `${texts.trouble.noAnswerNext}${reference(trouble.reference)}`;
    case "session-ended":
      return texts.signIn.endedNext;
    case "not-found":
      return texts.trouble.notFoundNext;
    case "unknown":
      return `${texts.change.unknownNext}${reference(trouble.reference)}`;
    case "no-permission":
    case "changed":
    case "refused":
      return trouble.detail;
  }
}

const reference = (given = ""): string => (given ? ` ${texts.trouble.reference(given)}` : "");

function ways(trouble: Trouble, retry?: () => void): TemplateResult | typeof nothing {
  if (trouble.kind === "session-ended")
    return html`<p><button class="primary" @click=${() => here().signIn()}>${texts.signIn.again}</button></p>`;
  if (trouble.kind === "not-found") return html`<p><a class="button" href="/services">${texts.trouble.back}</a></p>`;
  if (trouble.kind === "no-answer" && retry)
    return html`<p><button @click=${retry}>${texts.trouble.retry}</button></p>`;
  return nothing;
}
