// A labelled input with its help and its error, tied together for screen readers; a labelled choice of a few values.

import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { texts } from "../texts/index.js";

export interface Field {
  id: string;
  label: string;
  value: string;
  help?: string | undefined;
  error?: string | undefined;
  /** Good news, said politely. */
  note?: string | undefined;
  type?: string;
  optional?: boolean;
  maxLength?: number;
  min?: string;
  max?: string;
  onInput: (value: string) => void;
}

export function field(given: Field): TemplateResult {
  const { id, error, note, help } = given;
  return html`<div class="field">
    <label for=${id}
      >${given.label}${given.optional ? html` <span class="quiet">(${texts.fields.optional})</span>` : nothing}</label
    >
    ${help ? html`<p class="help" id="${id}-help">${help}</p>` : nothing}
    <input
      id=${id}
      type=${given.type ?? "text"}
      autocomplete="off"
      spellcheck="false"
      .value=${live(given.value)}
      maxlength=${given.maxLength ?? nothing}
      min=${given.min ?? nothing}
      max=${given.max ?? nothing}
      aria-describedby="${help ? `${id}-help ` : ""}${id}-note ${id}-error"
      aria-invalid=${error ? "true" : nothing}
      @input=${(event: Event) => given.onInput((event.target as HTMLInputElement).value)}
    />
    <p class="note" id="${id}-note" role="status">${note ?? nothing}</p>
    <p class="error" id="${id}-error" aria-live="polite">${error ?? nothing}</p>
  </div>`;
}

export interface Choice<T extends string> {
  id: string;
  label: string;
  value: T;
  help?: string;
  names: [value: T, name: string][];
  onChange: (value: T) => void;
}

export function select<T extends string>({ id, label, value, help, names, onChange }: Choice<T>): TemplateResult {
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${help ? html`<p class="help" id="${id}-help">${help}</p>` : nothing}
    <select
      id=${id}
      aria-describedby=${help ? `${id}-help` : nothing}
      @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value as T)}
    >
      ${options(names, value)}
    </select>
  </div>`;
}

export const options = (names: [value: string, name: string][], value: string): TemplateResult[] =>
  names.map(([one, name]) => html`<option value=${one} ?selected=${one === value}>${name}</option>`);
