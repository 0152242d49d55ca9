// Sentences and times that depend on the state; what never changes stands in index.html.

/** @typedef {import("./api.js").ItemState} ItemState */

const MOMENT = new Intl.DateTimeFormat("en-GB", {
  weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
const CLOCK = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
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
  if (seconds < 60) return plural(seconds, "second");
  return `${plural(Math.floor(seconds / 60), "minute")} ${plural(seconds % 60, "second")}`;
}

/** @param {number} count @param {string} noun */
const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** @param {ItemState} state @param {boolean} running whether the check still goes on */
export function stateWord(state, running) {
  if (state === "waiting") return running ? "Waiting" : "Not checked";
  return { passed: "Passed", warning: "Passed, with a remark", failed: "Failed" }[state];
}

/** @param {number} tries @param {string} provider */
export function triesLeft(tries, provider) {
  const warning = `After that the invitation is locked until ${provider} sends a new one.`;
  if (tries === 1) return `One try is left. ${warning}`;
  return tries <= 3 ? `${tries} tries are left. ${warning}` : `${tries} tries are left.`;
}

/** @param {string} when in words, or "" @param {string} provider */
export const askedOn = (when, provider) =>
  `${when ? `Asked on ${when}.` : "You have asked."} ${provider} will send a new link to the address that was invited, `
  + "if they agree. You can close this window.";

/**
 * Why a link is dead, and what helps.
 * @param {string | undefined} code the problem's code
 * @param {string} when in words, or ""
 * @param {string} provider
 * @param {string | undefined} detail the server's own sentence, for a code that this page does not know
 * @returns {{heading: string, why: string, next: string, ask: boolean}} ask: whether there may be something to ask
 */
export function deadLink(code, when, provider, detail) {
  const on = when ? ` on ${when}` : "";
  const texts = /** @type {Record<string, ReturnType<typeof deadLink>>} */ ({
    "link-expired": {
      heading: "This invitation has expired",
      why: `Its time ran out${on}.`,
      next: `Nothing was connected. ${provider} can send you a new link.`,
      ask: true,
    },
    "link-replaced": {
      heading: "There is a newer link",
      why: `This link was replaced${on}.`,
      next: "Use the newest link that you were given; look in your inbox for the newest e-mail with this subject. "
        + "If you cannot find it, ask for another.",
      ask: true,
    },
    "link-revoked": {
      heading: "This invitation was withdrawn",
      why: `${provider} withdrew it${on}.`,
      next: "There is nothing that you need to do. If you did not expect this, ask.",
      ask: true,
    },
    "link-declined": {
      heading: "This invitation was declined",
      why: `Somebody who had its link declined it${on}. Nothing was connected.`,
      next: `If that was a mistake, ${provider} can send you a new link.`,
      ask: true,
    },
    "link-locked": {
      heading: "This invitation is locked",
      why: `Microsoft refused the entered values too often, so it was locked${on}.`,
      next: `Nothing was connected. ${provider} can send you a new link, with new tries.`,
      ask: true,
    },
    "link-suspended": {
      heading: "This service is switched off at present",
      why: `${provider}'s access to this service is switched off.`,
      next: "Nothing is lost. Your link works again as soon as the access is back.",
      ask: true,
    },
    "link-cancelled": {
      heading: "This request was cancelled",
      why: `${provider} no longer needs the connection; the request was cancelled${on}.`,
      next: "There is nothing that you need to do. A client secret that you made for it can be deleted.",
      ask: false,
    },
    "link-used": {
      heading: "This invitation was answered",
      why: "An app registration was accepted through a newer link.",
      next: "No new link is needed. You can close this window.",
      ask: false,
    },
    "link-too-old": {
      heading: "This link is too old",
      why: "It ended more than 30 days ago, and from here nobody can be asked for a new one any more.",
      next: `If you still want to connect, write to ${provider} or call.`,
      ask: true,
    },
  });
  return texts[code ?? ""] ?? {
    heading: "This link can no longer be used",
    why: detail || "The invitation that it belongs to is closed.",
    next: `If you still want to connect, ${provider} can send you a new link.`,
    ask: true,
  };
}
