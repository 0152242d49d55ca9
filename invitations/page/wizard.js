// The admin's wizard: opens the link, and answers what its reader does.

import { decline, requestLink, submit } from "./api.js";
import { hold, settle } from "./conversation.js";
import { afterDecline, afterRequest, afterSubmit, requestedAt } from "./decisions.js";
import { byId, setError, showTrouble, whileBusy } from "./elements.js";
import { prepareAsk, prepareDecline, resetDecline, showAsked, showRefusedReason } from "./ends.js";
import * as follow from "./follow.js";
import { clearSecret, fillIds, prepareForm, resetForm, showFormTrouble, showRefusedValues } from "./form.js";
import { currentScreen, show, tick } from "./screens.js";
import * as tokens from "./token.js";

/** @typedef {import("./api.js").Outcome} Outcome */

const PASTE = {
  missing: "This page is opened by the link of an invitation, and the address that you opened holds none.",
  cutOff: "The link was cut off on its way: a part of its code is missing.",
  finished: "You have come to the end of this invitation. To look at it again, use the link from your e-mail.",
};

/**
 * Begins anew with what was pasted, or with what the address bar or this tab's storage holds.
 * @param {string | null} [pasted] a whole token
 */
function start(pasted = null) {
  const { token: opened, cutOff } = tokens.takeFromAddress();
  if (pasted) follow.setStep(null);
  const kept = tokens.keptToken();
  const token = pasted ?? opened ?? (cutOff ? null : kept);
  hold(token);
  follow.beginAnew();
  resetForm();
  if (!token) return follow.askForLink(cutOff ? PASTE.cutOff : tokens.sawTheEnd() ? PASTE.finished : PASTE.missing);
  if (token !== kept) resetDecline();
  tokens.keepToken(token);
  fillIds(tokens.keptIds());
  show("loading");
  follow.load();
}

/** @param {import("./rules.js").Values} values */
async function authenticate({ tenantId, clientId, secret, expiresOn }) {
  tokens.keepIds({ tenantId, clientId });
  const credential = { kind: /** @type {const} */ ("secret"), value: secret, ...(expiresOn ? { expiresOn } : {}) };
  const settled = await settle((token) => submit(token, { tenantId, clientId, credential }));
  if (!settled) return;
  const { last } = settled;
  const next = afterSubmit(settled, follow.knownCheck());
  if (next === "refused-values" && last.kind === "invalid") {
    showRefusedValues(last.problem);
  } else if (next === "no-answer") {
    const words = "Nothing is lost: your values are still here. Press Start authentication again.";
    showFormTrouble("There was no answer", `${why(last)} ${words}`);
  } else {
    clearSecret();
    follow.follow(last);
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
    if (last.kind === "view") follow.know(last.view, last.serverTime);
    showTrouble("decline-trouble", `${why(last)} Press Decline again: it does no harm if the first time was enough.`);
  } else {
    follow.follow(last, true);
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
    follow.follow({ ...last, problem: { ...last.problem, code: "link-used" } });
  } else if (next === "no-answer") {
    showTrouble("ask-trouble", `${why(last)} Press the button again: asking twice counts as asking once.`);
  } else {
    follow.follow(last);
  }
}

/** @param {Outcome} last */
const why = (last) => last.kind === "unknown" && last.offline ? follow.OFFLINE : follow.NO_ANSWER;

function goOn() {
  follow.setStep("welcome");
  history.pushState({ step: "form" }, "");
  follow.showStep();
}

function goToDecline() {
  history.pushState({ step: "decline", from: history.state?.step ?? null }, "");
  follow.showStep();
}

function goBack() {
  follow.setStep(history.state?.step === "decline" ? history.state.from : "welcome");
  follow.showStep();
}

/** @param {Event} event */
function openPasted(event) {
  event.preventDefault();
  const input = /** @type {HTMLTextAreaElement} */ (byId("paste-input"));
  const pasted = tokens.readToken(input.value);
  const wrong = "This holds no whole code. Copy it once more, from its first to its last character.";
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
  byId("retry").addEventListener("click", () => whileBusy("retry", "Trying again…", follow.load));
  addEventListener("hashchange", () => { if (location.hash) start(); });
  addEventListener("popstate", () => { if (!location.hash) follow.showStep(); });
  addEventListener("online", () => (currentScreen() === "lost" ? follow.load() : follow.poll()));
  addEventListener("pagehide", clearSecret);
  addEventListener("pageshow", (event) => { if (event.persisted) follow.lookAgain(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") follow.poll(); });
  setInterval(() => { if (currentScreen() === "checking") tick(); }, 1000);
}

listen();
start();
