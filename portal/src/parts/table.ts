// A list as a native table: its head stays in sight, and a row keeps its element, so that focus and place survive.

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

export interface Column {
  name: string;
  /** Its values are numbers: head and cells are aligned right. */
  number?: boolean;
}

/** @param row draws one, with a cell for each column */
export function table<T extends { id: string }>(
  caption: string,
  columns: Column[],
  rows: T[],
  row: (one: T) => TemplateResult,
): TemplateResult {
  return html`<div class="table" tabindex="0" role="region" aria-label=${caption}>
    <table>
      <caption class="visually-hidden">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(({ name, number }) => html`<th scope="col" class=${number ? "number" : nothing}>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${repeat(rows, (one) => one.id, row)}
      </tbody>
    </table>
  </div>`;
}
