// Who did what to a service, newest first.

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Channel, DomainMatch, EventView, License } from "../api/schema.js";
import { here, Page } from "../app/page.js";
import { pages, Source } from "../app/source.js";
import { standing } from "../parts/standing.js";
import { inFull } from "../parts/times.js";
import { texts } from "../texts/index.js";

const words = texts.service;
const MOST = 1000;

class ServiceEvents extends Page {
  static override properties = { service: {}, version: {}, told: { type: Boolean } };
  declare service: string;
  /** The service's ETag: when it changes, something has happened. */
  declare version: string;
  /** Whether the page around it says already why nothing is fresh. */
  declare told: boolean;
  readonly #source = new Source(
    async (signal) =>
      (
        await pages(here().calls.events(this.service, signal), MOST, (link) =>
          here().calls.next<EventView>(link, signal),
        )
      ).rows,
    this.redraw,
    () => 30_000,
  );
  protected override readonly sources = [this.#source];

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.get("version")) void this.#source.refresh();
  }

  override render(): TemplateResult {
    return standing(
      this.#source,
      (events) =>
        html`<div class="table" tabindex="0" role="region" aria-label=${words.eventsCaption}>
          <table class="wrapped">
            <caption class="visually-hidden">
              ${words.eventsCaption}
            </caption>
            <thead>
              <tr>
                <th scope="col">${words.when}</th>
                <th scope="col">${words.what}</th>
                <th scope="col">${words.by}</th>
              </tr>
            </thead>
            <tbody>
              ${repeat(events.toReversed(), (event) => event.at + event.what, row)}
            </tbody>
          </table>
        </div>`,
      this.told,
    );
  }
}

function row(event: EventView): TemplateResult {
  const details = Object.entries(event.details).map(inWords).join(", ");
  return html`<tr>
    <td>${inFull(event.at)}</td>
    <td>
      ${words.events[event.what] ?? event.what}${details ? html` <span class="quiet">(${details})</span>` : nothing}
    </td>
    <td>${event.by.name}</td>
  </tr>`;
}

/** An event's details are short words of the API's; what can be said in words is. */
function inWords([name, value]: [string, string]): string {
  switch (name) {
    case "channel":
      return texts.states.channel[value as Channel] ?? value;
    case "domainMatch":
      return words.domainMatch[value as DomainMatch] ?? value;
    case "license":
      return texts.states.license[value as License] ?? value;
    case "expiresAt":
      return words.details.expiresAt(inFull(value));
    case "otherCustomers":
      return words.details.otherCustomers(value.split(" ").length);
    case "tenantId":
      return words.details.tenantId(value);
    case "clientId":
      return words.details.clientId(value);
    case "fullName":
      return words.details.fullName;
    case "licensedUsers":
      return words.details.users(value);
    case "acknowledged":
      return words.details.acknowledged;
    default:
      return value;
  }
}

customElements.define("service-events", ServiceEvents);
