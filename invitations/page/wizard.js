// The admin's wizard: opens the link, and answers what its reader does.

import { decline, requestLink, submit } from "./api.js";
import { heldToken, hold, settle } from "./conversation.js";
import { afterDecline, afterRequest, afterSubmit, requestedAt } from "./decisions.js";
import { byId, setError, showTrouble, whileBusy } from "./elements.js";
import {
  fillReason,
  prepareAsk,
  prepareDecline,
  resetDecline,
  showAsked,
  showRefusedReason,
  typedReason,
} from "./ends.js";
import {
  NO_ANSWER,
  OFFLINE,
  askForLink,
  beginAnew,
  follow,
  know,
  knownCheck,
  load,
  lookAgain,
  poll,
  setStep,
  showStep,
} from "./follow.js";
import { clearSecret, fillIds, prepareForm, resetForm, showFormTrouble, showRefusedValues, typedIds } from "./form.js";
import { currentScreen, show, tick } from "./screens.js";
import { _ } from "./texts.js";
import {
  keepIds,
  keepStep,
  keepToken,
  keptIds,
  keptToken,
  readToken,
  sawTheEnd,
  takeFromAddress,
  takeStep,
} from "./token.js";

/** @typedef {import("./api.js").Outcome} Outcome */

const PASTE = {
  missing: _("This page is opened by the link of an invitation, and the address that you opened holds none."),
  cutOff: _("The link was cut off on its way: a part of its code is missing."),
  finished: _("You have come to the end of this invitation. To look at it again, use the link from your e-mail."),
};

/**
 * Begins anew with what was pasted, or with what the address bar or this tab's storage holds.
 * @param {string | null} [pasted] a whole token
 */
function start(pasted = null) {
  const { token: opened, cutOff } = takeFromAddress();
  const { state, reason } = takeStep();
  if (state && !opened) history.replaceState(state, "");
  if (pasted) setStep(null);
  const kept = keptToken();
  const token = pasted ?? opened ?? (cutOff ? null : kept);
  hold(token);
  beginAnew();
  resetForm();
  if (!token) return askForLink(cutOff ? PASTE.cutOff : sawTheEnd() ? PASTE.finished : PASTE.missing);
  if (token !== kept) resetDecline();
  if (!opened && reason) fillReason(reason);
  keepToken(token);
  fillIds(keptIds());
  show("loading");
  load();
}

/** @param {import("./rules.js").Values} values */
async function authenticate({ tenantId, clientId, secret, expiresOn }) {
  keepIds({ tenantId, clientId });
  const credential = { kind: /** @type {const} */ ("secret"), value: secret, ...(expiresOn ? { expiresOn } : {}) };
  const settled = await settle((token) => submit(token, { tenantId, clientId, credential }));
  if (!settled) return;
  const { last } = settled;
  const next = afterSubmit(settled, knownCheck());
  if (next === "refused-values" && last.kind === "invalid") {
    showRefusedValues(last.problem);
  } else if (next === "no-answer") {
    const words = _("Nothing is lost: your values are still here. Press Start authentication again.");
    showFormTrouble(_("There was no answer"), `${why(last)} ${words}`);
  } else {
    clearSecret();
    follow(last);
  }
}

/** @param {string} reason "" for none */
async function declineRequest(reason) {
  const settled = await settle((token) => decline(token, reason));
  if (!settled) return;
  const { last } = settled;
  const next = afterDecline(settled);
  if (next === "refused-reason" && last.kind === "invalid") {
    showRefusedReason(last.problem);
  } else if (next === "no-answer") {
    if (last.kind === "view") know(last.view, last.serverTime);
    const words = _("Press Decline again: it does no harm if the first time was enough.");
    showTrouble("decline-trouble", `${why(last)} ${words}`);
  } else {
    follow(last, true);
  }
}

async function askForNewLink() {
  const settled = await settle(requestLink);
  if (!settled) return;
  const { last } = settled;
  const next = afterRequest(settled);
  if (next === "asked") {
    showAsked(requestedAt(last));
  } else if (next === "answered" && last.kind === "dead") {
    follow({ ...last, problem: { ...last.problem, code: "link-used" } });
  } else if (next === "no-answer") {
    const words = _("Press the button again: asking twice counts as asking once.");
    showTrouble("ask-trouble", `${why(last)} ${words}`);
  } else {
    follow(last);
  }
}

/** @param {Outcome} last */
const why = (last) => (last.kind === "unknown" && last.offline ? OFFLINE : NO_ANSWER);

function goOn() {
  setStep("welcome");
  history.pushState({ step: "form" }, "");
  showStep();
}

function goToDecline() {
  history.pushState({ step: "decline", from: history.state?.step ?? null }, "");
  showStep();
}

function goBack() {
  setStep(history.state?.step === "decline" ? history.state.from : "welcome");
  showStep();
}

/**
 * The page comes anew in another language: the invitation, the step and what was typed go along, the secret does not.
 * @param {MouseEvent} event
 */
function carryOver(event) {
  const token = heldToken();
  if (!token || event.ctrlKey || event.metaKey || event.shiftKey) return;
  keepToken(token);
  keepIds(typedIds());
  keepStep(history.state, typedReason());
}

/** @param {Event} event */
function openPasted(event) {
  event.preventDefault();
  const input = /** @type {HTMLTextAreaElement} */ (byId("paste-input"));
  const pasted = readToken(input.value);
  const wrong = _("This holds no whole code. Copy it once more, from its first to its last character.");
  setError("paste-input", pasted ? null : wrong);
  if (!pasted) return input.focus();
  input.value = "";
  start(pasted);
}

/** The second click of two would fall on what the first has brought there. @param {MouseEvent} event */
function ignoreSecondClick(event) {
  const pressed = event.target instanceof Element ? event.target.closest("button, a") : null;
  if (event.detail < 2 || !pressed || pressed.hasAttribute("aria-pressed")) return;
  event.preventDefault();
  event.stopPropagation();
}

function listen() {
  document.addEventListener("click", ignoreSecondClick, true);
  prepareForm(authenticate);
  prepareDecline(declineRequest);
  prepareAsk(askForNewLink);
  byId("paste-form").addEventListener("submit", openPasted);
  byId("choice-form").addEventListener("submit", (event) => {
    event.preventDefault();
    goOn();
  });
  for (const [act, does] of Object.entries({ decline: goToDecline, back: goBack }))
    for (const button of document.querySelectorAll(`[data-act="${act}"]`)) button.addEventListener("click", does);
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".languages a")))
    link.addEventListener("click", carryOver);
  byId("retry").addEventListener("click", () => whileBusy("retry", _("Trying again…"), load));
  addEventListener("hashchange", () => {
    if (location.hash) start();
  });
  addEventListener("popstate", () => {
    if (!location.hash) showStep();
  });
  addEventListener("online", () => (currentScreen() === "lost" ? load() : poll()));
  addEventListener("pagehide", clearSecret);
  addEventListener("pageshow", (event) => {
    if (event.persisted) lookAgain();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") poll();
  });
  setInterval(() => {
    if (currentScreen() === "checking") tick();
  }, 1000);
}

listen();
start();
