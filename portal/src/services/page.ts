// The Services page: every service of the provider, newest first.

import { html, type TemplateResult } from "lit";
import type { Listed } from "../api/calls.js";
import type { ServiceState, ServiceView } from "../api/schema.js";
import { holds, ListPage } from "../app/list-page.js";
import { here, mayChange } from "../app/page.js";
import { nextStep } from "../parts/connection.js";
import { choice, search, toggle } from "../parts/filters.js";
import { menuButton, type Entry } from "../parts/menu.js";
import { needs, serviceState, type Step } from "../parts/states.js";
import { table, type Column } from "../parts/table.js";
import { dayOf, daysUntil } from "../parts/times.js";
import { texts } from "../texts/index.js";

const words = texts.services;
const { columns } = words;
const COLUMNS: Column[] = [
  { name: columns.shortName },
  { name: columns.state },
  { name: columns.attention },
  { name: columns.fullName },
  { name: columns.customer },
  { name: columns.license },
  { name: columns.users, number: true },
  { name: columns.secret, number: true },
];
/** What an operator does next; while a service is being created, nobody does anything. */
const STEPS: Partial<Record<ServiceState, string>> = {
  authenticated: words.validate,
  validated: texts.onboarding.complete,
};

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
    return table(words.caption, COLUMNS, rows, row);
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
    <td>${serviceState(one.state)}</td>
    <td>${needs(one.attention, step(one))}</td>
    <td title=${one.fullName}>${one.fullName}</td>
    <td title=${one.customer.name}>${one.customer.name}</td>
    <td>${texts.states.license[one.license]}</td>
    <td class="number">${one.licensedUsers}</td>
    <td class="number">
      ${ends ? html`<span title=${dayOf(ends)}>${words.daysLeft(daysUntil(ends))}</span>` : one.state === "active" ? texts.onboarding.unknown : words.noSecret}
    </td>
  </tr>`;
}

function step(one: ServiceView): Step | undefined {
  const word = one.invitation.status === "authenticated" ? texts.invitations.add : STEPS[one.state];
  const to = nextStep(one);
  return word && to ? { word, to, shortName: one.shortName } : undefined;
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
