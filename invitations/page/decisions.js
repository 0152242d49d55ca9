// What follows which answer. Pure functions: what the server said in, the page's next step out.

/**
 * @typedef {import("./api.js").Outcome} Outcome
 * @typedef {import("./api.js").Problem} Problem
 * @typedef {import("./api.js").View} View
 * @typedef {import("./screens.js").Screen} Screen
 *
 * @typedef {{sent: Outcome, last: Outcome}} Settled  sent: a change's own answer; last: the same, or what reading the
 *   invitation said after an answer that left a doubt
 */

const DAY = 86_400_000; // milliseconds: how often the provider is asked for a new link

/**
 * The screen of an invitation, at a step that the reader chose.
 * @param {View} view
 * @param {string | undefined} step "welcome", "form" or "decline"; undefined at the beginning
 * @returns {Screen}
 */
export function screenOf(view, step) {
  if (view.status === "authenticated") return "done";
  if (view.status === "declined") return "declined";
  if (step === "decline") return "decline";
  if (view.status === "validating") return "checking";
  if (step === "welcome") return "welcome";
  const outcome = view.check?.outcome;
  if (outcome === "refused" || outcome === "unavailable") return outcome;
  return step === "form" ? "form" : "welcome";
}

/** Whether an answer to a change leaves open what is true now. @param {Outcome} sent */
export const leavesDoubt = (sent) => sent.kind === "unknown" || sent.kind === "conflict";

/**
 * @param {Settled} settled
 * @param {string | undefined} startedBefore when the last check that this page knew of began
 * @returns {"refused-values" | "no-answer" | "follow"} follow: show the screen of the last word
 */
export function afterSubmit({ last }, startedBefore) {
  if (last.kind === "invalid") return "refused-values";
  const nothingBegan =
    last.kind === "view" && last.view.status === "pending" && last.view.check?.startedAt === startedBefore;
  return last.kind === "unknown" || nothingBegan ? "no-answer" : "follow";
}

/**
 * @param {Settled} settled
 * @returns {"refused-reason" | "no-answer" | "follow"}
 */
export function afterDecline({ last }) {
  if (last.kind === "invalid") return "refused-reason";
  const stillOpen = last.kind === "view" && (last.view.status === "pending" || last.view.status === "validating");
  return stillOpen || leavesDoubt(last) ? "no-answer" : "follow";
}

/**
 * A link that is found declined after the answer was lost, or that somebody else has declined meanwhile, is what the
 * reader wanted.
 * @param {Problem} problem a dead link's
 * @param {boolean} declining whether the reader has just pressed *Decline*
 * @returns {Screen}
 */
export const screenOfDead = ({ code }, declining) => (declining && code === "link-declined" ? "declined" : "dead");

/**
 * @param {Settled} settled
 * @returns {"asked" | "answered" | "no-answer" | "follow"} answered: a newer link has done its work meanwhile
 */
export function afterRequest({ sent, last }) {
  if (last.kind === "requested") return "asked";
  if (last.kind === "unknown" || last.kind === "conflict" || last.kind === "invalid") return "no-answer";
  if (last.kind !== "dead") return "follow";
  if (sent.kind === "conflict" && sent.problem.code === "link-used") return "answered";
  if (sent.kind !== "unknown" || !last.problem.canRequest) return "follow";
  return mayAsk(last.problem, last.serverTime) ? "no-answer" : "asked";
}

/** When the provider was asked for a new link. @param {Outcome} outcome */
export function requestedAt(outcome) {
  if (outcome.kind === "requested") return outcome.requestedAt;
  return outcome.kind === "dead" ? outcome.problem.requestedAt : undefined;
}

/**
 * Whether asking for a new link would tell the provider something new.
 * @param {Problem} problem a dead link's
 * @param {number} now milliseconds since 1970, on the server's clock
 */
export const mayAsk = ({ canRequest, requestedAt }, now) =>
  Boolean(canRequest) && !(requestedAt && now - Date.parse(requestedAt) < DAY);

/**
 * How long to wait before the next look at a check: longer, the longer it takes or the connection is away.
 * @param {number} elapsed milliseconds since it began
 * @param {number} failures looks in a row that had no answer
 * @returns {number} milliseconds
 */
export function pauseBeforeLook(elapsed, failures) {
  if (failures) return Math.min(2 ** failures, 15) * 1000;
  if (elapsed < 30_000) return 1000;
  return elapsed < 180_000 ? 3000 : 10_000;
}
