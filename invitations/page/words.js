// Sentences and times that depend on the state; what never changes stands in index.html.

import { LOCALE, _, ngettext } from "./texts.js";

/**
 * @typedef {import("./api.js").Item} Item
 * @typedef {import("./api.js").ItemState} ItemState
 */

const MOMENT = new Intl.DateTimeFormat(LOCALE, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});
const CLOCK = new Intl.DateTimeFormat(LOCALE, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

/** @param {string | undefined} time RFC 3339 @returns {string} in the reader's zone, which is named; "" when unreadable */
export const moment = (time) => format(MOMENT, time);

/** @param {string | undefined} time RFC 3339 */
export const clock = (time) => format(CLOCK, time);

/** @param {Intl.DateTimeFormat} style @param {string | undefined} time */
function format(style, time) {
  const parsed = Date.parse(time ?? "");
  return Number.isNaN(parsed) ? "" : style.format(parsed);
}

/** @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return count(seconds, "second");
  return `${count(Math.floor(seconds / 60), "minute")} ${count(seconds % 60, "second")}`;
}

/** @param {number} number @param {string} unit */
const count = (number, unit) =>
  new Intl.NumberFormat(LOCALE, { style: "unit", unit, unitDisplay: "long" }).format(number);

/** @param {ItemState} state @param {boolean} running whether the check still goes on */
export function stateWord(state, running) {
  if (state === "waiting") return running ? _("Waiting") : _("Not checked");
  return { passed: _("Passed"), warning: _("Passed, with a remark"), failed: _("Failed") }[state];
}

/** What to do below a refusal. @param {Item[]} failed */
export const formHeading = (failed) =>
  failed[0]?.name === "tenant" ? _("Correct the values and try again") : _("When the steps are done, try again");

/**
 * Wrong values are one reason among others at some items; a failure at any other shows that the values are right.
 * @param {Item[]} failed
 */
export function formAgain(failed) {
  if (failed[0]?.name === "tenant") return "";
  if (["sign-in", "organization", "domain"].includes(failed[0]?.name ?? ""))
    return _("Enter the client secret again and press Start authentication.");
  return _("The values are right. Enter the client secret again and press Start authentication.");
}

/** @param {number} tries @param {string} provider */
export function triesLeft(tries, provider) {
  const left = ngettext("One try is left.", "{count} tries are left.", tries);
  const warning = _("After that the invitation is locked until {provider} sends a new one.", { provider });
  return tries > 3 ? left : `${left} ${warning}`;
}

/** @param {string} when in words, or "" @param {string} provider */
export function askedOn(when, provider) {
  const asked = when ? _("Asked on {when}.", { when }) : _("You have asked.");
  const next = _(
    "{provider} decides whether to send a new link to the address that was invited. You can close this window.",
    { provider },
  );
  return `${asked} ${next}`;
}

/**
 * Why a link is dead, and what helps.
 * @param {string | undefined} code the problem's code
 * @param {string} when in words, or ""
 * @param {string} provider
 * @param {string | undefined} detail the server's own sentence, for a code that this page does not know
 * @returns {{heading: string, why: string, next: string, ask: boolean}} ask: whether there may be something to ask
 */
export function deadLink(code, when, provider, detail) {
  const dated = { when, provider };
  const texts = /** @type {Record<string, ReturnType<typeof deadLink>>} */ ({
    "link-expired": {
      heading: _("This invitation has expired"),
      why: when ? _("Its time ran out on {when}.", dated) : _("Its time ran out."),
      next: _("Nothing was connected. {provider} can send you a new link.", dated),
      ask: true,
    },
    "link-replaced": {
      heading: _("There is a newer link"),
      why: when ? _("This link was replaced on {when}.", dated) : _("This link was replaced."),
      next: _(
        "Use the newest link that you were given; look in your inbox for the newest invitation from {provider}. " +
          "If you cannot find it, ask for another.",
        dated,
      ),
      ask: true,
    },
    "link-revoked": {
      heading: _("This invitation was withdrawn"),
      why: when ? _("{provider} withdrew it on {when}.", dated) : _("{provider} withdrew it.", dated),
      next: _(
        "There is nothing that you need to do. If you still expect to connect, ask {provider} for a new link.",
        dated,
      ),
      ask: true,
    },
    "link-declined": {
      heading: _("This invitation was declined"),
      why: when
        ? _("Somebody who had its link declined it on {when}. Nothing was connected.", dated)
        : _("Somebody who had its link declined it. Nothing was connected."),
      next: _("If that was a mistake, {provider} can send you a new link.", dated),
      ask: true,
    },
    "link-locked": {
      heading: _("This invitation is locked"),
      why: when
        ? _("Microsoft refused the entered values too often, so it was locked on {when}.", dated)
        : _("Microsoft refused the entered values too often, so it was locked."),
      next: _(
        "Nothing was connected. {provider} can see what Microsoft refused; ask before you try again. A new link brings " +
          "new tries.",
        dated,
      ),
      ask: true,
    },
    "link-suspended": {
      heading: _("This service is switched off at present"),
      why: _("{provider}'s access to this service is switched off.", dated),
      next: _("Nothing is lost. Your link works again as soon as the access is back."),
      ask: true,
    },
    "link-cancelled": {
      heading: _("This request was cancelled"),
      why: when
        ? _("{provider} no longer needs the connection; the request was cancelled on {when}.", dated)
        : _("{provider} no longer needs the connection; the request was cancelled.", dated),
      next: _("There is nothing that you need to do. A client secret that you made for it can be deleted: {path}.", {
        path: _(
          "Entra admin centre > Entra ID > App registrations > All applications > your app > Certificates & secrets",
        ),
      }),
      ask: false,
    },
    "link-used": {
      heading: _("This invitation was answered"),
      why: _("An app registration was accepted through a newer link."),
      next: _("No new link is needed. You can close this window."),
      ask: false,
    },
    "link-too-old": {
      heading: _("This link is too old"),
      why: _("It ended more than 30 days ago, and from here nobody can be asked for a new one any more."),
      next: _("If you still want to connect, contact {provider}.", dated),
      ask: true,
    },
  });
  return (
    texts[code ?? ""] ?? {
      heading: _("This link can no longer be used"),
      why: detail || _("The invitation that it belongs to is closed."),
      next: _("If you still want to connect, {provider} can send you a new link.", dated),
      ask: true,
    }
  );
}
