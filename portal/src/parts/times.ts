// Times as people say them: relative, with the full one, its zone named, on hover and for screen readers.

import { html, type TemplateResult } from "lit";
import { locale, texts } from "../texts/index.js";

const DAY = 86_400_000; // milliseconds
// From how far each unit is used, and its length.
const UNITS: [Intl.RelativeTimeFormatUnit, number, number][] = [
  ["day", 1.5 * DAY, DAY],
  ["hour", 3_600_000, 3_600_000],
  ["minute", 60_000, 60_000],
];

const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const full = new Intl.DateTimeFormat(locale, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });

/** "5 minutes ago", "in 3 days". */
export function inWords(time: string, now = Date.now()): string {
  const distance = Date.parse(time) - now;
  const found = UNITS.find(([, from]) => Math.abs(distance) >= from);
  if (!found) return distance > 0 ? texts.times.soon : texts.times.now;
  const [unit, , size] = found;
  return relative.format(Math.round(distance / size), unit);
}

export const inFull = (time: string): string => full.format(Date.parse(time));
export const clockOf = (time: number): string => clock.format(time);
/** The day on which a secret ends, as Microsoft and the checks name it: in UTC. */
export const dayOf = (time: string): string => day.format(Date.parse(time));

export const timeTag = (time: string): TemplateResult =>
  html`<time datetime=${time} title=${inFull(time)}
    >${inWords(time)}<span class="visually-hidden">, ${inFull(time)}</span></time
  >`;

/** Whole days left, 0 on the last one and after it: the same rule as the API's. */
export const daysUntil = (time: string, now = Date.now()): number =>
  Math.max(0, Math.floor((Date.parse(time) - now) / DAY));
