// The few icons, drawn so that their shape alone tells them apart; each stands beside a word and is hidden from readers.

import { svg, html, type TemplateResult } from "lit";

const SHAPES = {
  good: svg`<circle class="shape" cx="10" cy="10" r="8.5"/><path class="mark" d="m6 10.300 2.700 2.700L14 7.500"/>`,
  warning: svg`<path class="shape" d="M10 2 18.500 17.500h-17z"/><path class="mark" d="M10 8v4M10 14.700v.2"/>`,
  bad: svg`<path class="shape" d="M6.500 1.500h7l5 5v7l-5 5h-7l-5-5v-7z"/><path class="mark" d="m7 7 6 6M13 7l-6 6"/>`,
  waiting: svg`<circle class="line" cx="10" cy="10" r="8"/><path class="line" d="M10 5.500V10l3 2"/>`,
  quiet: svg`<circle class="line" cx="10" cy="10" r="8"/><path class="line" d="M6 10h8"/>`,
};

export type Tone = keyof typeof SHAPES;

export const icon = (tone: Tone): TemplateResult =>
  html`<svg class="icon ${tone}" viewBox="0 0 20 20" aria-hidden="true" focusable="false">${SHAPES[tone]}</svg>`;

/** A state as a word with its icon. */
export const badge = (tone: Tone, word: string): TemplateResult =>
  html`<span class="badge">${icon(tone)}<span>${word}</span></span>`;
