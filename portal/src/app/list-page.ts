// What a page with a list is: filters that live in the address, rows as far as the reader has opened them, and more of them.

import { html, nothing, type TemplateResult } from "lit";
import type { Listed } from "../api/calls.js";
import { addService } from "../parts/add-service.js";
import { standing } from "../parts/standing.js";
import { texts } from "../texts/index.js";
import { address, setQuery } from "./address.js";
import { here, Page } from "./page.js";
import { pages, Source, type Rows } from "./source.js";

const PAGE = 50;
const ALL = 5000; // so many rows are looked through for what the API has no filter for
const MANY = 200; // so many rows are read less often
const [OFTEN, SELDOM] = [10_000, 60_000]; // milliseconds

export abstract class ListPage<T> extends Page {
  protected abstract readonly heading: string;
  /** What this place is for, where it has nothing to show. */
  protected abstract readonly purpose: string;
  /** The filters' names in the address: those that the API answers, and those that are sought among the loaded rows. */
  protected abstract readonly asked: readonly string[];
  protected abstract readonly sought: readonly string[];
  protected abstract first(asked: Record<string, string>, signal: AbortSignal): Promise<Listed<T>>;
  protected abstract isSought(row: T, query: URLSearchParams): boolean;
  protected abstract fields(query: URLSearchParams): TemplateResult;
  protected abstract table(rows: T[]): TemplateResult;

  #opened = PAGE;
  protected readonly list = new Source<Rows<T>>(
    (signal) => this.#load(signal),
    this.redraw,
    (list) => (list && list.rows.length > MANY ? SELDOM : OFTEN),
  );
  protected override readonly sources = [this.list];

  async #load(signal: AbortSignal): Promise<Rows<T>> {
    const { query } = address();
    const asked = Object.fromEntries([...query].filter(([name]) => this.asked.includes(name)));
    const wanted = this.sought.some((name) => query.has(name)) ? ALL : this.#opened;
    return pages(this.first(asked, signal), wanted, (link) => here().calls.next(link, signal));
  }

  override render(): TemplateResult {
    return html`<div class="head">
        <h1 tabindex="-1">${this.heading}</h1>
        ${addService()}
      </div>
      <form class="filters" role="search" @submit=${(event: Event) => event.preventDefault()}>
        ${this.fields(address().query)}
      </form>
      ${standing(this.list, (list) => this.#content(list))}${this.dialogs()}`;
  }

  protected dialogs(): TemplateResult | typeof nothing {
    return nothing;
  }

  protected filter(values: Record<string, string>): void {
    setQuery(values);
    this.#opened = PAGE;
    this.redraw();
    void this.list.refresh();
  }

  #content(list: Rows<T>): TemplateResult {
    const { query } = address();
    const rows = list.rows.filter((row) => this.isSought(row, query));
    if (!list.rows.length && !query.size)
      return html`<section class="empty">
        <p>${this.purpose}</p>
        ${addService()}
      </section>`;
    if (!rows.length && !list.nextLink) return this.#nothingFound();
    return html`${this.table(rows)}${this.#foot(list, rows.length)}`;
  }

  #nothingFound(): TemplateResult {
    const none = Object.fromEntries([...this.asked, ...this.sought].map((name) => [name, ""]));
    return html`<section class="empty">
      <p>${texts.list.nothing}</p>
      <p><button @click=${() => this.filter(none)}>${texts.list.clear}</button></p>
    </section>`;
  }

  /** How much of the list is shown, and the way to more. */
  #foot({ rows, nextLink }: Rows<T>, shown: number): TemplateResult {
    const all = shown === rows.length;
    return html`<div class="foot">
      <p role="status">${all ? texts.list.loaded(shown, Boolean(nextLink)) : texts.list.found(shown, rows.length)}</p>
      ${nextLink ? html`<button @click=${() => this.#more()}>${texts.list.more}</button>` : nothing}
    </div>`;
  }

  #more(): void {
    this.#opened += PAGE;
    void this.list.refresh();
  }
}

/** Whether one of these texts holds what somebody has typed; the address has none where nothing was typed. */
export function holds(typed: string | null, ...texts: string[]): boolean {
  const sought = folded(typed?.trim() ?? "");
  return texts.some((text) => folded(text).includes(sought));
}

const folded = (text: string): string => text.normalize("NFKC").toLowerCase();
