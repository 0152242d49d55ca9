// What is on the page: one screen at a time, filled with text nodes only.

import { failure, showItems } from "./checks.js";
import { announce, byId, clone, fillSlots, part, setText } from "./elements.js";
import { mailto, providerIsKnown, providerName } from "./provider.js";
import { clock, deadLink, duration, moment, triesLeft } from "./words.js";

/**
 * @typedef {import("./api.js").View} View
 * @typedef {import("./api.js").Problem} Problem
 * @typedef {"loading" | "paste" | "welcome" | "form" | "refused" | "unavailable" | "checking" | "done" | "dead" | "lost"} Screen
 */

const SLOW_AFTER = 10_000; // milliseconds

/** The sections of each screen, its heading, and its place on the path of three steps (-1: not on it). */
const SCREENS = /** @type {Record<Screen, {sections: string[], heading: string, step: number}>} */ ({
  loading: { sections: ["loading"], heading: "Connect your Microsoft 365 tenant", step: -1 },
  paste: { sections: ["paste"], heading: "Open your invitation", step: -1 },
  welcome: { sections: ["welcome", "contact"], heading: "Connect your Microsoft 365 tenant", step: 0 },
  form: { sections: ["form", "contact"], heading: "Enter the values of your app registration", step: 1 },
  refused: { sections: ["refused", "form", "contact"], heading: "The check did not pass", step: 1 },
  unavailable: { sections: ["unavailable", "form", "contact"], heading: "The check could not be finished", step: 1 },
  checking: { sections: ["checking"], heading: "Checking the app registration", step: 2 },
  done: { sections: ["done", "contact"], heading: "The application registration is valid", step: 3 },
  dead: { sections: ["dead", "contact"], heading: "This link can no longer be used", step: -1 },
  lost: { sections: ["lost"], heading: "The invitation could not be read", step: -1 },
});
const ALL_SECTIONS = [...new Set(Object.values(SCREENS).flatMap(({ sections }) => sections))];

/** @type {Screen | null} */
let current = null;
let checkStartedAt = 0; // milliseconds since 1970, on the server's clock
let serverAhead = 0; // milliseconds by which the server's clock is ahead of this one

/**
 * Shows a screen and moves the focus to its heading; showing the current one again moves nothing.
 * @param {Screen} screen
 * @param {string} [heading]
 */
export function show(screen, heading = SCREENS[screen].heading) {
  const { sections, step } = SCREENS[screen];
  for (const id of ALL_SECTIONS) byId(id).hidden = !sections.includes(id);
  byId("heading").textContent = heading;
  document.title = providerIsKnown() ? `${heading} – ${providerName()}` : heading;
  showStep(step);
  showContactTitle(screen);
  showFormHeading(screen);
  if (current !== screen && screen !== "loading") byId("heading").focus();
  if (current !== screen) scrollTo(0, 0);
  current = screen;
}

/** @returns {Screen | null} */
export const currentScreen = () => current;

/** @param {View} view */
export function showWelcome(view) {
  fillSlots("service", view.service.fullName);
  byId("permissions").replaceChildren(...view.permissions.map(({ name, why }) => {
    const entry = clone("permission");
    part(entry, ".permission-why").textContent = why;
    part(entry, ".permission-name").textContent = name;
    return entry;
  }));
  setText("open-until", view.expiresAt ? `This invitation is open until ${moment(view.expiresAt)}.` : "");
}

/** @param {View} view whose last check was refused */
export function showRefusal(view) {
  const items = view.check?.items ?? [];
  const failed = items.filter((item) => item.state === "failed");
  byId("refused-items").replaceChildren(...failed.map(failure));
  setText("tries-left", triesLeft(view.triesLeft, providerName()));
  showItems("refused-list", items, false);
}

/** @param {View} view whose last check could not be finished */
export const showOutage = (view) =>
  showItems("unavailable-list", (view.check?.items ?? []).filter((item) => item.state === "failed" || item.detail), false);

/**
 * Brings the list up to date in place, and announces what has changed.
 * @param {View} view in `validating`
 * @param {number} serverTime milliseconds since 1970
 */
export function showProgress(view, serverTime) {
  const { check } = view;
  if (!check) return;
  checkStartedAt = Date.parse(check.startedAt);
  serverAhead = serverTime - Date.now();
  setText("since", clock(check.startedAt));
  byId("since").setAttribute("datetime", check.startedAt);
  setText("waiting-for", check.waitingFor ?? "");
  const changes = showItems("checking-list", check.items, true);
  if (changes.length) announce(changes.join(" "));
  tick();
}

/** @returns {number} milliseconds for which the shown check has been under way */
export const checkElapsed = () => Date.now() + serverAhead - checkStartedAt;

/** Counts on between two answers of the server. */
export function tick() {
  const elapsed = checkElapsed();
  setText("elapsed", `(${duration(elapsed)} ago)`);
  const slow = byId("slow");
  if (slow.hidden && elapsed >= SLOW_AFTER) announce(slow.textContent?.trim() ?? "");
  slow.hidden = elapsed < SLOW_AFTER;
}

/** @param {View} view in `authenticated` */
export function showDone(view) {
  fillSlots("service", view.service.fullName);
  showItems("done-list", view.check?.items ?? [], false);
}

/** @param {Problem} problem */
export function showDead(problem) {
  const text = deadLink(problem.code, moment(problem.at), providerName(), problem.detail);
  setText("dead-why", text.why);
  setText("dead-next", text.next);
  const button = /** @type {HTMLAnchorElement} */ (byId("dead-button"));
  const email = problem.provider?.contact?.email;
  button.hidden = !(text.ask && email);
  if (text.ask && email) {
    button.textContent = text.ask === "link" ? `Ask ${providerName()} for a new link` : `Write to ${providerName()}`;
    button.href = mailto(email, text.ask === "link" ? "Please send a new link" : "A question about your invitation");
  }
  show("dead", text.heading);
}

/** @param {number} step */
function showStep(step) {
  const path = byId("path");
  path.hidden = step < 0;
  [...path.children].forEach((entry, index) => {
    entry.classList.toggle("is-past", index < step);
    if (index === step) entry.setAttribute("aria-current", "step");
    else entry.removeAttribute("aria-current");
  });
}

/** @param {Screen} screen */
function showFormHeading(screen) {
  setText("form-heading", screen === "unavailable" ? "Try again" : "Correct the values and try again");
  byId("form-heading").hidden = screen === "form";
}

/** @param {Screen} screen */
function showContactTitle(screen) {
  const doubtful = screen === "welcome" || screen === "form";
  setText("contact-title", doubtful ? "Not sure whether this is genuine?" : `How to reach ${providerName()}`);
  byId("contact-advice").hidden = !doubtful;
  if (!doubtful && !byId("contact-ways").children.length) byId("contact").hidden = true;
}
