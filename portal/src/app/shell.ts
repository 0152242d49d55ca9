// What surrounds every page: the top bar, the two places, the announcer; and which page an address opens.

import { html, nothing, render, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import "../invitations/page.js";
import "../onboarding/connect.js";
import "../onboarding/order.js";
import "../service/page.js";
import "../services/page.js";
import type { ColorsView } from "../api/schema.js";
import { menuButton } from "../parts/menu.js";
import { texts } from "../texts/index.js";
import { address, go, watchAddress } from "./address.js";
import { here, setTitle } from "./page.js";

interface Route {
  path: RegExp;
  title: string;
  page: (parts: Record<string, string>) => TemplateResult;
}

const ID = "[0-9a-f]{24}";
const COLOR = /^#[0-9a-f]{6}$/;

const ROUTES: Route[] = [
  { path: /^\/services$/, title: texts.services.title, page: () => html`<services-page></services-page>` },
  {
    path: /^\/invitations$/,
    title: texts.invitations.title,
    page: () => html`<invitations-page></invitations-page>`,
  },
  {
    path: /^\/onboarding\/(?<step>customer|service|licence|administrator|invitations)$/,
    title: texts.onboarding.title,
    page: ({ step }) => html`<order-page .step=${step}></order-page>`,
  },
  {
    path: new RegExp(`^/onboarding/(?<id>${ID})/(?<step>sent|registration|validation|finish)$`),
    title: texts.onboarding.title,
    page: ({ id, step }) => html`<connect-page .service=${id} .step=${step}></connect-page>`,
  },
  {
    path: new RegExp(`^/services/(?<id>${ID})(?:/(?<tab>m365|events))?$`),
    title: texts.service.editTitle,
    page: ({ id, tab }) => html`<service-page .service=${id} .tab=${tab ?? "overview"}></service-page>`,
  },
];

let place: HTMLElement;
let signOut: () => void;
let shown = "";

/** Draws the page of the address, now and at each change of it. */
export function showPages(given: HTMLElement, leave: () => void): void {
  place = given;
  signOut = leave;
  wear(here().me.provider.colors);
  watchAddress(draw);
  draw();
}

/** The provider's colours. A custom property takes any text, an address to load from among others: only colours go in. */
function wear({ accent, onAccent }: ColorsView): void {
  if (!COLOR.test(accent) || !COLOR.test(onAccent)) return;
  document.documentElement.style.setProperty("--accent", accent);
  document.documentElement.style.setProperty("--on-accent", onAccent);
}

function draw(): void {
  const { path } = address();
  if (path === "/") return go("/services", { replace: true });
  const route = ROUTES.find((one) => one.path.test(path));
  render(shell(path, route), place);
  const first = !shown;
  if (shown === path) return;
  shown = path;
  setTitle(route?.title ?? texts.trouble.notFound);
  if (!first)
    requestAnimationFrame(() => {
      scrollTo(0, 0);
      document.querySelector<HTMLElement>("h1")?.focus();
    });
}

function shell(path: string, route: Route | undefined): TemplateResult {
  const { me } = here();
  const page = route
    ? keyed(path, route.page(path.match(route.path)?.groups ?? {}))
    : html`<h1 tabindex="-1">${texts.trouble.notFound}</h1>
        <p>${texts.trouble.notFoundNext}</p>
        <p><a class="button" href="/services">${texts.trouble.back}</a></p>`;
  return html`<a class="skip" href="#content" @click=${skip}>${texts.skip}</a>
    <header class="bar">
      <p class="provider">${me.provider.name}</p>
      <nav aria-label=${texts.places.main}>
        ${place_("/services", texts.places.services, path)}${place_("/invitations", texts.places.invitations, path)}
      </nav>
      <p class="role">${texts.roles[me.role]}</p>
      ${menuButton(
        me.user.name,
        [
          { label: texts.signIn.out, act: signOut },
          { label: texts.signIn.other, act: () => void here().signIn(true) },
        ],
        "on-bar",
      )}
    </header>
    <main id="content" tabindex="-1">${page}</main>
    <p class="visually-hidden" id="announcer" role="status" aria-live="polite"></p>`;
}

function place_(to: string, name: string, path: string): TemplateResult {
  return html`<a href=${to} aria-current=${path === to ? "page" : path.startsWith(`${to}/`) ? "true" : nothing}
    >${name}</a
  >`;
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}
