// What this tab asks about the link it holds. An answer that comes after something newer was asked says what was, not
// what is: it is dropped.

import { readInvitation } from "./api.js";
import { wear } from "./colors.js";
import { leavesDoubt } from "./decisions.js";

/** @typedef {import("./api.js").Outcome} Outcome */

/** @type {string | null} */
let token = null;
let questions = 0;

/** Answers about the link before are dropped. @param {string | null} next a token */
export function hold(next) {
  token = next;
  questions += 1;
}

/** @returns {string | null} */
export const heldToken = () => token;

/** @returns {Promise<Outcome | null>} null when dropped, or when no link is held */
export const read = () => newest(readInvitation);

/**
 * Sends a change, and reads the invitation where the answer leaves open what is true now.
 * @param {(token: string) => Promise<Outcome>} change
 * @returns {Promise<import("./decisions.js").Settled | null>} null when dropped
 */
export async function settle(change) {
  const sent = await newest(change);
  const last = sent && leavesDoubt(sent) ? await read() : sent;
  return sent && last && { sent, last };
}

/** @param {(token: string) => Promise<Outcome>} question */
async function newest(question) {
  if (!token) return null;
  const mine = ++questions;
  const outcome = await question(token);
  if (mine === questions) await dress(outcome);
  return mine === questions ? outcome : null;
}

/** In the colours of the provider that an answer tells of; other answers leave them. @param {Outcome} outcome */
async function dress(outcome) {
  if (outcome.kind === "view") await wear(outcome.view.provider.styles);
  if (outcome.kind === "dead") await wear(outcome.problem.provider?.styles);
}
