// The screen that an answer calls for; and, while a check runs, the next look at it.

import { heldToken, hold, read } from "./conversation.js";
import { pauseBeforeLook, screenOf } from "./decisions.js";
import { fillSlots, setText } from "./elements.js";
import { resetDecline, showEnd } from "./ends.js";
import { clearSecret, resetForm } from "./form.js";
import { showProvider } from "./provider.js";
import {
  checkElapsed,
  currentScreen,
  setClock,
  show,
  showDone,
  showOutage,
  showProgress,
  showRefusal,
  showWelcome,
} from "./screens.js";
import { _ } from "./texts.js";
import { finish, forget, keepToken } from "./token.js";

/**
 * @typedef {import("./api.js").Outcome} Outcome
 * @typedef {import("./api.js").View} View
 */

export const NO_ANSWER = _("The connection broke off, or the server did not answer as it should.");
export const OFFLINE = _("You seem to be offline.");
const UNKNOWN_LINK = _("This code belongs to no invitation. Perhaps a part of it was lost on the way.");

/** @type {View | null} the invitation as last read, until its end */
let view = null;
let over = false; // an end was reached: the token stays in memory alone, to ask for a new link or to read it in another language
let pollTimer = 0;
let failedPolls = 0;

/** When the last check that this page knows of began. */
export const knownCheck = () => view?.check?.startedAt;

/** Another link was opened in this tab. */
export function beginAnew() {
  pause();
  over = false;
}

export async function load() {
  const outcome = await read();
  if (outcome) follow(outcome);
}

/** After this page lay in the browser's cache. */
export const lookAgain = () => over || load();

/** @param {Outcome} outcome @param {boolean} [declining] whether the reader has just pressed *Decline* */
export function follow(outcome, declining = false) {
  switch (outcome.kind) {
    case "view":
      followView(outcome.view, outcome.serverTime, declining);
      break;
    case "dead":
      if (outcome.problem.code === "link-suspended") pause();
      else end();
      showEnd(outcome.problem, outcome.serverTime, declining);
      break;
    case "invalid-link":
      beginAnew();
      hold(null);
      forget();
      askForLink(UNKNOWN_LINK);
      break;
    case "unknown":
      if (currentScreen() === "checking") pollLater();
      else lose(outcome.offline ? OFFLINE : NO_ANSWER);
      break;
    default:
      lose(NO_ANSWER);
  }
}

/** @param {View} next @param {number} serverTime milliseconds since 1970 @param {boolean} declining */
function followView(next, serverTime, declining) {
  const before = view;
  know(next, serverTime);
  if (next.status === "authenticated") {
    end();
    showDone(next, declining);
    return;
  }
  if (next.status === "declined") {
    end();
    showEnd({ status: 410, code: "link-declined", provider: next.provider, canRequest: true }, serverTime, true);
    return;
  }
  over = false;
  failedPolls = 0;
  setText("connection", "");
  keepToken(heldToken() ?? "");
  if (next.status === "validating") clearSecret();
  else if (before?.status === "validating" && history.state?.step !== "decline") setStep("form");
  showStep();
}

/** @param {View} next @param {number} serverTime milliseconds since 1970 */
export function know(next, serverTime) {
  setClock(serverTime);
  if (view?.provider.name !== next.provider.name) showProvider(next.provider);
  fillSlots("service", next.service.fullName);
  view = next;
}

/** Shows the open invitation at the step that the reader chose. */
export function showStep() {
  if (!view) return;
  const screen = screenOf(view, history.state?.step);
  showWelcome(view);
  if (screen === "refused") showRefusal(view);
  if (screen === "unavailable") showOutage(view);
  if (screen === "checking") showProgress(view);
  show(screen);
  if (screen === "checking") pollLater();
}

/** The step stands in the history, so that back, forward and a reload find it. @param {string | null} step */
export const setStep = (step) => history.replaceState(step && { step }, "");

/** An end state: nothing of the invitation stays on the page or in the tab's storage. */
function end() {
  pause();
  over = true;
  resetForm();
  resetDecline();
  finish();
  setStep(null);
}

/** The invitation cannot be answered for now. */
function pause() {
  clearTimeout(pollTimer);
  view = null;
  clearSecret();
}

/** @param {string} why */
export function askForLink(why) {
  setText("paste-why", why);
  show("paste");
}

/** @param {string} why */
function lose(why) {
  setText("lost-why", why);
  show("lost");
}

function pollLater() {
  clearTimeout(pollTimer);
  pollTimer = setTimeout(poll, pauseBeforeLook(checkElapsed(), failedPolls));
}

export async function poll() {
  if (currentScreen() !== "checking") return;
  const outcome = await read();
  if (!outcome || currentScreen() !== "checking") return;
  if (outcome.kind === "unknown") {
    failedPolls += 1;
    setText("connection", _("The connection is away; the check goes on without it. This page tries again by itself."));
  }
  follow(outcome);
}
