// The screens on which a link's way ends, and the one thing that helps there: to ask for a new link.

import { mayAsk } from "./decisions.js";
import { byId, setText, whileBusy } from "./elements.js";
import { mailto, providerName, showProvider } from "./provider.js";
import { show } from "./screens.js";
import { askedOn, deadLink, moment } from "./words.js";

/** @typedef {import("./api.js").Problem} Problem */

/** @param {() => Promise<void>} onAsk one call at a time */
export function prepareAsk(onAsk) {
  byId("ask-button").addEventListener("click", () => whileBusy("ask-button", "Asking…", onAsk));
}

/** @param {Problem} problem @param {number} now milliseconds since 1970, on the server's clock */
export function showDead(problem, now) {
  showProvider(problem.provider);
  const text = deadLink(problem.code, moment(problem.at), providerName(), problem.detail);
  setText("dead-why", text.why);
  setText("dead-next", text.next);
  const email = problem.provider?.contact?.email;
  const writes = Boolean(text.ask && email && !problem.canRequest);
  const button = /** @type {HTMLAnchorElement} */ (byId("dead-button"));
  byId("dead-write").hidden = !writes;
  if (writes && email) {
    button.textContent = text.ask === "link" ? `Ask ${providerName()} for a new link` : `Write to ${providerName()}`;
    button.href = mailto(email, text.ask === "link" ? "Please send a new link" : "A question about your invitation");
  }
  show("dead", text.heading);
  fillAsk(problem, now, false);
}

/** @param {Problem} problem of a link that was declined @param {number} now milliseconds since 1970, on the server's clock */
export function showDeclined(problem, now) {
  showProvider(problem.provider);
  show("declined");
  fillAsk(problem, now, true);
}

/** @param {string | undefined} requestedAt RFC 3339 */
export function showAsked(requestedAt) {
  byId("ask-trouble").hidden = true;
  byId("ask-button").hidden = true;
  setText("asked", askedOn(moment(requestedAt), providerName()));
  byId("asked").focus();
}

/** @param {string} text */
export function showAskTrouble(text) {
  setText("ask-trouble-text", text);
  byId("ask-trouble").hidden = false;
  byId("ask-trouble").focus();
}

/** @param {Problem} problem @param {number} now @param {boolean} mistaken whether the reader has just ended it */
function fillAsk(problem, now, mistaken) {
  const { canRequest, requestedAt } = problem;
  byId("ask").hidden = !canRequest;
  byId("ask-title").hidden = !mistaken;
  byId("ask-trouble").hidden = true;
  setText("asked", requestedAt ? askedOn(moment(requestedAt), providerName()) : "");
  const button = byId("ask-button");
  button.hidden = !mayAsk(problem, now);
  button.className = mistaken ? "secondary" : "primary";
  button.textContent = requestedAt ? `Ask ${providerName()} again` : `Ask ${providerName()} for a new link`;
}
