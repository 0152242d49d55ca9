// The filters above a list. Each takes its value from the address, and tells of a new one.

import { html, type TemplateResult } from "lit";
import { texts } from "../texts/index.js";
import { options } from "./field.js";

export function choice(
  id: string,
  label: string,
  names: [value: string, name: string][],
  value: string,
  changed: (value: string) => void,
): TemplateResult {
  return html`<div class="filter">
    <label for=${id}>${label}</label>
    <select id=${id} @change=${(event: Event) => changed((event.target as HTMLSelectElement).value)}>
      ${options([["", texts.fields.all], ...names], value)}
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
