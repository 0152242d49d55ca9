// What both lists have: filters that live in the address, how much is loaded, and more of it.

import { html, nothing, type TemplateResult } from "lit";
import type { Rows } from "../app/source.js";
import { texts } from "../texts/index.js";

export const PAGE = 50;
const ALL = 5000; // a search looks through so many rows

/** How many rows a list needs: what the reader has opened, or all where rows are sought among them. */
export const wantedRows = (opened: number, seeking: boolean): number => (seeking ? ALL : opened);

/** How long a list waits before it looks again, in milliseconds: longer when it has much to read. */
export const listPause = (rows: number): number => (rows > 200 ? 60_000 : 10_000);

export function choice(
  id: string,
  label: string,
  options: [value: string, label: string][],
  value: string,
  changed: (value: string) => void,
): TemplateResult {
  return html`<div class="filter">
    <label for=${id}>${label}</label>
    <select id=${id} @change=${(event: Event) => changed((event.target as HTMLSelectElement).value)}>
      <option value="" ?selected=${!value}>${texts.fields.all}</option>
      ${options.map(([one, name]) => html`<option value=${one} ?selected=${one === value}>${name}</option>`)}
    </select>
  </div>`;
}

export function toggle(id: string, label: string, on: boolean, changed: (on: boolean) => void): TemplateResult {
  return html`<div class="filter check-filter">
    <input
      type="checkbox"
      id=${id}
      .checked=${on}
      @change=${(event: Event) => changed((event.target as HTMLInputElement).checked)}
    /><label for=${id}>${label}</label>
  </div>`;
}

export function search(help: string, value: string, changed: (text: string) => void): TemplateResult {
  return html`<div class="filter grow">
    <label for="search">${texts.fields.search}</label>
    <input
      id="search"
      type="search"
      placeholder=${help}
      autocomplete="off"
      .value=${value}
      @input=${(event: Event) => changed((event.target as HTMLInputElement).value)}
    />
  </div>`;
}

/** Below a list: how much of it is shown, and the way to more. */
export function foot(rows: Rows<unknown>, shown: number, more: () => void): TemplateResult {
  const words =
    shown === rows.rows.length
      ? texts.list.loaded(shown, Boolean(rows.nextLink))
      : texts.list.found(shown, rows.rows.length);
  return html`<div class="foot">
    <p role="status">${words}</p>
    ${rows.nextLink ? html`<button @click=${more}>${texts.list.more}</button>` : nothing}
  </div>`;
}

export const nothingFound = (clear: () => void): TemplateResult =>
  html`<section class="empty">
    <p>${texts.list.nothing}</p>
    <p><button @click=${clear}>${texts.list.clear}</button></p>
  </section>`;

const folded = (text: string): string => text.normalize("NFKC").toLowerCase();

export const matches = (sought: string, ...texts: string[]): boolean =>
  texts.some((text) => folded(text).includes(folded(sought)));
