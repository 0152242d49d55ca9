// Times as people say them: relative, with the full one, its zone named, on hover and for screen readers.

import { html, type TemplateResult } from "lit";
import { locale } from "../texts/index.js";

const DAY = 86_400_000; // milliseconds
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", DAY],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long" });
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });

/** "5 minutes ago", "in 3 days". */
export function inWords(time: string, now = Date.now()): string {
  const distance = Date.parse(time) - now;
  const [unit, size] = STEPS.find(([, size]) => Math.abs(distance) >= size) ?? ["second", 1000];
  const count = Math.trunc(distance / size);
  return unit === "second" ? relative.format(0, "second") : relative.format(count, unit as Intl.RelativeTimeFormatUnit);
}

export const inFull = (time: string): string => full.format(Date.parse(time));
export const dayOf = (time: string): string => day.format(Date.parse(time));

export const timeTag = (time: string): TemplateResult =>
  html`<time datetime=${time} title=${inFull(time)}
    >${inWords(time)}<span class="visually-hidden">, ${inFull(time)}</span></time
  >`;

/** Whole days left, 0 on the last one and after it: the same rule as the API's. */
export const daysUntil = (time: string, now = Date.now()): number =>
  Math.max(0, Math.floor((Date.parse(time) - now) / DAY));
