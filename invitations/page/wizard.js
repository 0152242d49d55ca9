// The admin's wizard: reads the invitation that the link stands for, and decides which screen follows which answer.

import { readInvitation, submit } from "./api.js";
import { byId, setText } from "./elements.js";
import { clearSecret, fillIds, prepareForm, resetForm, showRefusedValues, showTrouble } from "./form.js";
import { showProvider } from "./provider.js";
import * as screens from "./screens.js";
import * as tokens from "./token.js";

/**
 * @typedef {import("./api.js").Outcome} Outcome
 * @typedef {import("./api.js").View} View
 * @typedef {import("./rules.js").Values} Values
 */

/** @type {string | null} */
let token = null;
/** @type {View | null} */
let view = null;
let round = 0; // counts the invitations opened in this tab: an answer to an earlier one is dropped
let pollTimer = 0;
let failedPolls = 0;

const PASTE = {
  missing: "This page is opened by the link of an invitation, and the address that you opened holds none.",
  cutOff: "The link was cut off on its way: a part of its code is missing.",
  unknown: "This code belongs to no invitation. Perhaps a part of it was lost on the way.",
  finished: "You have come to the end of this invitation. To look at it again, use the link from your e-mail.",
};

/**
 * Begins anew with what was pasted, or with what the address bar or this tab's storage holds.
 * @param {string | null} [pasted] a whole token
 */
async function start(pasted = null) {
  round += 1;
  clearTimeout(pollTimer);
  const { token: opened, cutOff } = tokens.takeFromAddress();
  token = pasted ?? opened ?? (cutOff ? null : tokens.keptToken());
  view = null;
  resetForm();
  if (!token) {
    askForLink(cutOff ? PASTE.cutOff : tokens.sawTheEnd() ? PASTE.finished : PASTE.missing);
    return;
  }
  tokens.keepToken(token);
  fillIds(tokens.keptIds());
  screens.show("loading");
  await load();
}

async function load() {
  if (!token) return;
  const mine = round;
  const outcome = await readInvitation(token);
  if (mine === round) follow(outcome);
}

/** @param {string} why */
function askForLink(why) {
  setText("paste-why", why);
  screens.show("paste");
}

/**
 * Shows the screen that an answer calls for.
 * @param {Outcome} outcome
 */
function follow(outcome) {
  switch (outcome.kind) {
    case "view":
      followView(outcome.view, outcome.serverTime);
      break;
    case "dead":
      if (outcome.problem.code !== "link-suspended") end();
      showProvider(outcome.problem.provider);
      screens.showDead(outcome.problem);
      break;
    case "invalid-link":
      token = null;
      clearSecret();
      tokens.forget();
      askForLink(PASTE.unknown);
      break;
    case "unknown":
      if (screens.currentScreen() === "checking") pollLater();
      else lose(outcome.offline ? "You seem to be offline." : "The server did not answer as it should.");
      break;
    default:
      lose(outcome.problem.detail ?? "The server did not answer as it should.");
  }
}

/** @param {View} next @param {number} serverTime milliseconds since 1970 */
function followView(next, serverTime) {
  const before = view;
  view = next;
  failedPolls = 0;
  setText("connection", "");
  if (before?.provider.name !== next.provider.name) showProvider(next.provider);
  if (next.status === "authenticated") {
    end();
    screens.showDone(next);
    screens.show("done");
  } else if (next.status === "validating") {
    clearSecret();
    screens.showProgress(next, serverTime);
    screens.show("checking");
    pollLater();
  } else {
    if (before?.status === "validating") history.replaceState({ step: "form" }, "");
    showPending(next);
  }
}

/** @param {View} pending */
function showPending(pending) {
  const step = history.state?.step;
  const outcome = pending.check?.outcome;
  screens.showWelcome(pending);
  if (step !== "welcome" && outcome === "refused") {
    screens.showRefusal(pending);
    screens.show("refused");
  } else if (step !== "welcome" && outcome === "unavailable") {
    screens.showOutage(pending);
    screens.show("unavailable");
  } else {
    screens.show(step === "form" ? "form" : "welcome");
  }
}

/** An end state: nothing of the invitation is kept, neither here nor in the tab's storage. */
function end() {
  clearTimeout(pollTimer);
  token = null;
  resetForm();
  tokens.finish();
}

/** @param {string} why */
function lose(why) {
  setText("lost-why", why);
  screens.show("lost");
}

/** Every second at first, less often the longer the check takes or the connection is away. */
function pollLater() {
  const elapsed = screens.checkElapsed();
  const pause = failedPolls ? Math.min(2 ** failedPolls, 15) : elapsed < 30_000 ? 1 : elapsed < 180_000 ? 3 : 10;
  clearTimeout(pollTimer);
  pollTimer = setTimeout(poll, pause * 1000);
}

async function poll() {
  if (!token || screens.currentScreen() !== "checking") return;
  const mine = round;
  const outcome = await readInvitation(token);
  if (mine !== round || screens.currentScreen() !== "checking") return;
  if (outcome.kind === "unknown") {
    failedPolls += 1;
    setText("connection", "The connection is away; the check goes on without it. This page tries again by itself.");
  }
  follow(outcome);
}

/**
 * Sends the values once. An answer that does not say what happened is settled by reading the invitation again.
 * @param {Values} values
 */
async function authenticate({ tenantId, clientId, secret, expiresOn }) {
  if (!token) return;
  const mine = round;
  tokens.keepIds({ tenantId, clientId });
  const credential = { kind: /** @type {const} */ ("secret"), value: secret, ...(expiresOn ? { expiresOn } : {}) };
  const sent = await submit(token, { tenantId, clientId, credential });
  const settled = sent.kind === "unknown" || sent.kind === "conflict" ? await readInvitation(token) : sent;
  if (mine !== round) return;
  if (settled.kind === "invalid") {
    showRefusedValues(settled.problem);
  } else if (settled.kind === "unknown" || (sent.kind === "unknown" && nothingBegan(settled))) {
    const why = settled.kind === "unknown" && settled.offline ? "You seem to be offline." : "The connection broke off.";
    showTrouble("There was no answer", `${why} Nothing is lost: your values are still here. Press Start authentication again.`);
  } else {
    clearSecret();
    follow(settled);
  }
}

/** Whether no check has begun since this page last looked. @param {Outcome} outcome */
const nothingBegan = (outcome) => outcome.kind === "view" && outcome.view.status === "pending"
  && outcome.view.check?.startedAt === view?.check?.startedAt;

function continueToForm() {
  history.replaceState({ step: "welcome" }, "");
  history.pushState({ step: "form" }, "");
  if (view) showPending(view);
}

function backToRequest() {
  history.replaceState({ step: "welcome" }, "");
  if (view) showPending(view);
}

/** @param {Event} event */
function openPasted(event) {
  event.preventDefault();
  const input = /** @type {HTMLTextAreaElement} */ (byId("paste-input"));
  const pasted = tokens.readToken(input.value);
  setText("paste-error", pasted ? "" : "This holds no whole code. Copy it once more, from its first to its last character.");
  if (!pasted) {
    input.setAttribute("aria-invalid", "true");
    input.focus();
    return;
  }
  input.removeAttribute("aria-invalid");
  input.value = "";
  start(pasted);
}

function listen() {
  prepareForm(authenticate);
  byId("paste-form").addEventListener("submit", openPasted);
  byId("choice-form").addEventListener("submit", (event) => {
    event.preventDefault();
    continueToForm();
  });
  byId("back").addEventListener("click", backToRequest);
  byId("retry").addEventListener("click", load);
  addEventListener("hashchange", () => { if (location.hash) start(); });
  addEventListener("popstate", () => { if (!location.hash && view?.status === "pending" && token) showPending(view); });
  addEventListener("online", () => (screens.currentScreen() === "lost" ? load() : poll()));
  addEventListener("pagehide", clearSecret);
  addEventListener("pageshow", (event) => { if (event.persisted) load(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") poll(); });
  setInterval(() => { if (screens.currentScreen() === "checking") screens.tick(); }, 1000);
}

listen();
start();
