// The Services page: every service of the provider, newest first.

import { html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Listed } from "../api/calls.js";
import type { ServiceView } from "../api/schema.js";
import { holds, ListPage } from "../app/list-page.js";
import { here, mayChange } from "../app/page.js";
import { nextStep } from "../parts/connection.js";
import { choice, search, toggle } from "../parts/filters.js";
import { menuButton, type Entry } from "../parts/menu.js";
import { attentionBadge, serviceState } from "../parts/states.js";
import { dayOf, daysUntil } from "../parts/times.js";
import { texts } from "../texts/index.js";

const words = texts.services;

class ServicesPage extends ListPage<ServiceView> {
  protected override readonly heading = words.title;
  protected override readonly purpose = words.purpose;
  protected override readonly asked = ["state", "attention", "customerId"];
  protected override readonly sought = ["q"];

  protected override first(asked: Record<string, string>, signal: AbortSignal): Promise<Listed<ServiceView>> {
    return here().calls.services(asked, signal);
  }

  protected override isSought(one: ServiceView, query: URLSearchParams): boolean {
    return holds(query.get("q"), one.shortName, one.fullName, one.customer.name);
  }

  protected override fields(query: URLSearchParams): TemplateResult {
    const states = Object.entries(texts.states.service);
    const stuck = query.get("attention") === "true";
    return html`${search(words.searchFor, query.get("q") ?? "", (q) => this.filter({ q }))}
    ${choice("state", words.columns.state, states, query.get("state") ?? "", (state) => this.filter({ state }))}
    ${toggle("attention", words.attentionOnly, stuck, (on) => this.filter({ attention: on ? "true" : "" }))}`;
  }

  protected override table(rows: ServiceView[]): TemplateResult {
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
    </div>`;
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
