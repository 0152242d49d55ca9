// The Services page: every service of the provider, newest first.

import { html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ServiceState, ServiceView } from "../api/schema.js";
import { address, setQuery } from "../app/address.js";
import { here, mayChange, Page } from "../app/page.js";
import { pages, Source, type Rows } from "../app/source.js";
import { addService } from "../parts/add-service.js";
import { nextStep } from "../parts/connection.js";
import { PAGE, choice, foot, listPause, matches, nothingFound, search, toggle, wantedRows } from "../parts/list.js";
import { menuButton, type Entry } from "../parts/menu.js";
import { standing } from "../parts/standing.js";
import { attentionBadge, serviceState } from "../parts/states.js";
import { dayOf, daysUntil } from "../parts/times.js";
import { texts } from "../texts/index.js";

const words = texts.services;

class ServicesPage extends Page {
  #opened = PAGE;
  readonly #list = new Source<Rows<ServiceView>>(
    (signal) => this.#load(signal),
    this.redraw,
    (list) => listPause(list?.rows.length ?? 0),
  );
  protected override readonly sources = [this.#list];

  async #load(signal: AbortSignal): Promise<Rows<ServiceView>> {
    const { query } = address();
    const asked = Object.fromEntries(
      ["state", "attention", "customerId"].flatMap((name) => (query.get(name) ? [[name, query.get(name) ?? ""]] : [])),
    );
    const { calls } = here();
    return pages(calls.services(asked, signal), wantedRows(this.#opened, Boolean(query.get("q"))), (link) =>
      calls.next(link, signal),
    );
  }

  override render(): TemplateResult {
    return html`<div class="head">
        <h1 tabindex="-1">${words.title}</h1>
        ${addService()}
      </div>
      ${this.#filters()} ${standing(this.#list, (list) => this.#table(list))}`;
  }

  #filters(): TemplateResult {
    const { query } = address();
    const states = Object.entries(texts.states.service) as [ServiceState, string][];
    return html`<form class="filters" role="search" @submit=${(event: Event) => event.preventDefault()}>
      ${search(words.searchFor, query.get("q") ?? "", (q) => this.#filter({ q }))}
      ${choice("state", words.columns.state, states, query.get("state") ?? "", (state) => this.#filter({ state }))}
      ${toggle("attention", words.attentionOnly, query.get("attention") === "true", (on) => this.#filter({ attention: on ? "true" : "" }))}
    </form>`;
  }

  #filter(values: Record<string, string>): void {
    setQuery(values);
    this.#opened = PAGE;
    this.redraw();
    void this.#list.refresh();
  }

  #table(list: Rows<ServiceView>): TemplateResult {
    const { query } = address();
    const sought = query.get("q")?.trim() ?? "";
    const rows = sought
      ? list.rows.filter((one) => matches(sought, one.shortName, one.fullName, one.customer.name))
      : list.rows;
    if (!list.rows.length && !query.size)
      return html`<section class="empty">
        <p>${words.purpose}</p>
        ${addService()}
      </section>`;
    if (!rows.length && !list.nextLink)
      return nothingFound(() => this.#filter({ q: "", state: "", attention: "", customerId: "" }));
    return html`<div class="table" tabindex="0" role="region" aria-label=${words.caption}>
        <table>
          <caption class="visually-hidden">
            ${words.caption}
          </caption>
          <thead>
            <tr>
              ${Object.values(words.columns).map((name) => html`<th scope="col">${name}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${repeat(rows, (one) => one.id, row)}
          </tbody>
        </table>
      </div>
      ${foot(list, rows.length, () => {
        this.#opened += PAGE;
        void this.#list.refresh();
      })}`;
  }
}

function row(one: ServiceView): TemplateResult {
  const ends = one.secretExpiresOn;
  return html`<tr>
    <th scope="row">
      <div class="row-head">
        <a href="/services/${one.id}">${one.shortName}</a
        >${menuButton("…", entries(one), "quiet-button", `${texts.fields.actions}: ${one.shortName}`)}
      </div>
    </th>
    <td>${one.fullName}</td>
    <td>${one.customer.name}</td>
    <td>${serviceState(one.state)}</td>
    <td>${texts.states.license[one.license]}</td>
    <td class="number">${one.licensedUsers}</td>
    <td class="number">
      ${ends ? html`<span title=${dayOf(ends)}>${words.daysLeft(daysUntil(ends))}</span>` : words.noSecret}
    </td>
    <td>${attentionBadge(one.attention)}</td>
  </tr>`;
}

function entries(one: ServiceView): Entry[] {
  const goesOn = mayChange() && nextStep(one);
  return [
    { label: words.edit, act: `/services/${one.id}` },
    { label: texts.service.tabs.m365, act: `/services/${one.id}/m365` },
    { label: texts.service.tabs.events, act: `/services/${one.id}/events` },
    ...(goesOn ? [{ label: texts.service.goOn, act: goesOn }] : []),
  ];
}

customElements.define("services-page", ServicesPage);
