// What is on the page: one screen at a time, filled with text nodes only.

import { failure, showItems } from "./checks.js";
import { announce, byId, clone, part, setText } from "./elements.js";
import { providerIsKnown, providerName } from "./provider.js";
import { _ } from "./texts.js";
import { clock, duration, formAgain, formHeading, moment, triesLeft } from "./words.js";

/**
 * @typedef {import("./api.js").View} View
 * @typedef {"loading" | "paste" | "welcome" | "form" | "refused" | "unavailable" | "decline" | "checking" | "done" | "declined"
 *   | "dead" | "lost"} Screen
 */

const SLOW_AFTER = 10_000; // milliseconds

/** The sections of each screen, its heading, and its place on the path of three steps (-1: not on it). */
const SCREENS = /** @type {Record<Screen, {sections: string[], heading: string, step: number}>} */ ({
  loading: { sections: ["loading"], heading: _("Connect your Microsoft 365 tenant"), step: -1 },
  paste: { sections: ["paste"], heading: _("Open your invitation"), step: -1 },
  welcome: { sections: ["welcome", "contact"], heading: _("Connect your Microsoft 365 tenant"), step: 0 },
  form: { sections: ["form", "contact"], heading: _("Enter the values of your app registration"), step: 1 },
  refused: { sections: ["refused", "form", "contact"], heading: _("The check did not pass"), step: 1 },
  unavailable: { sections: ["unavailable", "form", "contact"], heading: _("The check could not be finished"), step: 1 },
  decline: { sections: ["decline", "contact"], heading: _("Decline this request?"), step: -1 },
  checking: { sections: ["checking"], heading: _("Checking the app registration"), step: 2 },
  done: { sections: ["done", "contact"], heading: _("The application registration is valid"), step: 3 },
  declined: { sections: ["declined", "ask", "contact"], heading: _("The request is declined"), step: -1 },
  dead: { sections: ["dead", "ask", "contact"], heading: _("This link can no longer be used"), step: -1 },
  lost: { sections: ["lost"], heading: _("The invitation could not be read"), step: -1 },
});
const ALL_SECTIONS = [...new Set(Object.values(SCREENS).flatMap(({ sections }) => sections))];

/** @type {Screen | null} */
let current = null;
let checkStartedAt = 0; // milliseconds since 1970, on the server's clock
let serverAhead = 0; // milliseconds by which the server's clock is ahead of this one

/**
 * Shows a screen and moves the focus to its heading; showing the current one again, with the same heading, moves nothing.
 * @param {Screen} screen
 * @param {string} [heading]
 */
export function show(screen, heading = SCREENS[screen].heading) {
  const { sections, step } = SCREENS[screen];
  const isNew = current !== screen || byId("heading").textContent !== heading;
  for (const id of ALL_SECTIONS) byId(id).hidden = !sections.includes(id);
  byId("heading").textContent = heading;
  document.title = providerIsKnown() ? `${heading} – ${providerName()}` : heading;
  showPath(step);
  showContactTitle(screen);
  showFormHeading(screen);
  if (!providerIsKnown() && screen !== "loading")
    setText("bar-name", _("Invitation to connect a Microsoft 365 tenant"));
  if (isNew && screen !== "loading") byId("heading").focus();
  if (isNew) scrollTo(0, 0);
  current = screen;
}

/** @returns {Screen | null} */
export const currentScreen = () => current;

/** @param {View} view */
export function showWelcome(view) {
  byId("permissions").replaceChildren(
    ...view.permissions.map(({ name, why }) => {
      const entry = clone("permission");
      part(entry, ".permission-why").textContent = why;
      part(entry, ".permission-name").textContent = name;
      return entry;
    }),
  );
  setText(
    "open-until",
    view.expiresAt ? _("This invitation is open until {when}.", { when: moment(view.expiresAt) }) : "",
  );
}

/** @param {View} view whose last check was refused */
export function showRefusal(view) {
  const items = view.check?.items ?? [];
  const failed = items.filter((item) => item.state === "failed");
  byId("refused-items").replaceChildren(...failed.map(failure));
  setText("tries-left", triesLeft(view.triesLeft, providerName()));
  setText("form-heading", formHeading(failed));
  setText("form-again", formAgain(failed));
  showItems("refused-list", items, false);
}

/** @param {View} view whose last check could not be finished */
export const showOutage = (view) =>
  showItems(
    "unavailable-list",
    (view.check?.items ?? []).filter((item) => item.state === "failed" || item.detail),
    false,
  );

/** @param {number} serverTime milliseconds since 1970, now */
export function setClock(serverTime) {
  serverAhead = serverTime - Date.now();
}

/** Brings the list up to date in place, and announces what has changed. @param {View} view in `validating` */
export function showProgress({ check }) {
  if (!check) return;
  checkStartedAt = Date.parse(check.startedAt);
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
  setText("elapsed", _("({duration} ago)", { duration: duration(elapsed) }));
  const slow = byId("slow");
  if (slow.hidden && elapsed >= SLOW_AFTER) announce(slow.textContent?.trim() ?? "");
  slow.hidden = elapsed < SLOW_AFTER;
}

/** @param {View} view in `authenticated` @param {boolean} tooLate whether the reader wanted to decline it */
export function showDone(view, tooLate) {
  showItems("done-list", view.check?.items ?? [], false);
  const when = moment(view.check?.finishedAt ?? undefined);
  setText("checked-on", when && _("Checked on {when}.", { when }));
  byId("too-late").hidden = !tooLate;
  show("done");
}

/** @param {number} step */
function showPath(step) {
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
  if (screen === "unavailable") setText("form-heading", _("Try again"));
  byId("form-heading").hidden = screen === "form";
  byId("form-again").hidden = screen !== "refused";
}

/** @param {Screen} screen */
function showContactTitle(screen) {
  const doubtful = screen === "welcome" || screen === "form" || screen === "decline";
  setText(
    "contact-title",
    doubtful ? _("Not sure whether this is genuine?") : _("How to reach {provider}", { provider: providerName() }),
  );
  byId("contact-advice").hidden = !doubtful;
  if (!doubtful && !byId("contact-ways").children.length) byId("contact").hidden = true;
}
