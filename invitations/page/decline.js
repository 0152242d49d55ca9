// The screen for declining: an optional reason, and the button that does it.

import { byId, setError, setText, whileBusy } from "./elements.js";
import { reasonError, tidyReason } from "./rules.js";

/** @typedef {import("./api.js").Problem} Problem */

const reason = () => /** @type {HTMLTextAreaElement} */ (byId("reason"));

/** @param {(reason: string) => Promise<void>} onDecline called with a tidied reason or ""; one call at a time */
export function prepareDecline(onDecline) {
  reason().addEventListener("input", () => { if (!wrong()) setError("reason", null); });
  byId("decline-form").addEventListener("submit", (event) => {
    event.preventDefault();
    hideTrouble();
    setError("reason", wrong());
    if (wrong()) reason().focus();
    else whileBusy("decline-now", "Declining…", () => onDecline(tidyReason(reason().value)));
  });
}

/** What was said about another invitation, or before an end, is not said again. */
export function resetDecline() {
  reason().value = "";
  setError("reason", null);
  hideTrouble();
}

/** @param {Problem} problem */
export function showRefusedReason(problem) {
  const error = problem.errors?.find(({ pointer }) => pointer === "/reason");
  if (error) {
    setError("reason", error.detail);
    reason().focus();
  } else {
    showDeclineTrouble(problem.title ?? "This was not accepted", problem.detail ?? "Nothing was declined.");
  }
}

/** @param {string} title @param {string} text something that does not concern the reason */
export function showDeclineTrouble(title, text) {
  setText("decline-trouble-title", title);
  setText("decline-trouble-text", text);
  byId("decline-trouble").hidden = false;
  byId("decline-trouble").focus();
}

function hideTrouble() {
  byId("decline-trouble").hidden = true;
}

const wrong = () => reasonError(tidyReason(reason().value));
