// How an invitation ends without a registration: declining it, the dead link, and the one thing that helps there, which
// is to ask for a new link.

import { mayAsk, screenOfDead } from "./decisions.js";
import { byId, setError, setText, whileBusy } from "./elements.js";
import { mailto, providerName, showProvider } from "./provider.js";
import { reasonError, tidyReason } from "./rules.js";
import { show } from "./screens.js";
import { _ } from "./texts.js";
import { askedOn, deadLink, moment } from "./words.js";

/** @typedef {import("./api.js").Problem} Problem */

const reason = () => /** @type {HTMLTextAreaElement} */ (byId("reason"));

/** @param {(reason: string) => Promise<void>} onDecline called with a tidied reason or ""; one call at a time */
export function prepareDecline(onDecline) {
  reason().addEventListener("input", () => {
    if (!wrongReason()) setError("reason", null);
  });
  byId("decline-form").addEventListener("submit", (event) => {
    event.preventDefault();
    hideTrouble();
    setError("reason", wrongReason());
    if (wrongReason()) reason().focus();
    else whileBusy("decline-now", _("Declining…"), () => onDecline(tidyReason(reason().value)));
  });
}

export const typedReason = () => reason().value;

/** @param {string} typed before the page came in another language */
export const fillReason = (typed) => void (reason().value = typed);

export function resetDecline() {
  reason().value = "";
  setError("reason", null);
  hideTrouble();
}

/** @param {Problem} problem */
export function showRefusedReason({ errors, detail }) {
  const refused = _(
    "The reason was not accepted, and the request is not declined yet. Change the reason, or leave it out.",
  );
  setError("reason", errors?.[0]?.detail ?? detail ?? refused);
  reason().focus();
}

function hideTrouble() {
  byId("decline-trouble").hidden = true;
}

const wrongReason = () => reasonError(tidyReason(reason().value));

/** @param {() => Promise<void>} onAsk one call at a time */
export function prepareAsk(onAsk) {
  byId("ask-button").addEventListener("click", () => whileBusy("ask-button", _("Asking…"), onAsk));
}

/**
 * @param {Problem} problem
 * @param {number} now milliseconds since 1970, on the server's clock
 * @param {boolean} declining whether the reader has just pressed *Decline*
 */
export function showEnd(problem, now, declining) {
  showProvider(problem.provider);
  const screen = screenOfDead(problem, declining);
  if (screen === "declined") show(screen);
  else showDead(problem);
  fillAsk(problem, now, screen === "declined");
}

/** @param {Problem} problem */
function showDead({ code, at, provider, detail, canRequest }) {
  const { heading, why, next, ask } = deadLink(code, moment(at), providerName(), detail);
  setText("dead-why", why);
  setText("dead-next", next);
  const email = ask && !canRequest && provider?.contact?.email;
  byId("dead-write").hidden = !email;
  if (email) {
    setText("dead-button", _("Write to {provider}", { provider: providerName() }));
    byId("dead-button").setAttribute("href", mailto(email, _("My invitation")));
  }
  show("dead", heading);
}

/** @param {string | undefined} requestedAt RFC 3339 */
export function showAsked(requestedAt) {
  byId("ask-trouble").hidden = true;
  byId("ask-button").hidden = true;
  byId("dead-next").hidden = true;
  setText("asked", askedOn(moment(requestedAt), providerName()));
  byId("asked").focus();
}

/** @param {Problem} problem @param {number} now @param {boolean} declined */
function fillAsk(problem, now, declined) {
  const { canRequest, code, requestedAt } = problem;
  const askedLately = Boolean(canRequest) && !mayAsk(problem, now);
  byId("dead-next").hidden = askedLately; // it tells to ask
  byId("ask").hidden = !canRequest;
  byId("ask-title").hidden = !declined;
  byId("ask-trouble").hidden = true;
  setText("asked", requestedAt ? askedOn(moment(requestedAt), providerName()) : "");
  const button = byId("ask-button");
  button.hidden = askedLately;
  button.className = declined || code === "link-revoked" ? "secondary" : "primary";
  const provider = providerName();
  button.textContent = requestedAt
    ? _("Ask {provider} again", { provider })
    : _("Ask {provider} for a new link", { provider });
}
