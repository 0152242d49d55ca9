// The four calls of the invitation API, each answered by one of a few plain outcomes; nothing is thrown.

import { LANGUAGE } from "./texts.js";

/**
 * @typedef {{name: string | null, email: string | null, phone: string | null}} Contact
 * @typedef {{name: string, contact: Contact | null, styles: string}} Provider
 * @typedef {"waiting" | "passed" | "warning" | "failed"} ItemState
 * @typedef {{name: string, title: string, state: ItemState, detail: string | null, steps: string[] | null,
 *   traceId: string | null}} Item
 * @typedef {{startedAt: string, finishedAt: string | null, outcome: null | "passed" | "refused" | "unavailable",
 *   waitingFor: string | null, attempts: number, items: Item[]}} Check
 * @typedef {{status: "pending" | "validating" | "authenticated" | "declined", provider: Provider, service: {fullName: string},
 *   expiresAt: string, triesLeft: number, permissions: {name: string, why: string}[], check: Check | null}} View
 * @typedef {{status: number, title?: string, detail?: string, code?: string, at?: string, provider?: Provider,
 *   canRequest?: boolean, requestedAt?: string,
 *   errors?: {pointer: string, code: string, detail: string}[]}} Problem
 * @typedef {{tenantId: string, clientId: string, credential: {kind: "secret", value: string, expiresOn?: string}}} Submission
 *
 * @typedef {{kind: "view", view: View, serverTime: number}} GotView  serverTime: milliseconds since 1970
 * @typedef {{kind: "requested", requestedAt: string}} Requested  a new link was asked for, now or earlier
 * @typedef {{kind: "dead", problem: Problem, serverTime: number}} Dead
 * @typedef {{kind: "invalid-link", problem: Problem}} InvalidLink
 * @typedef {{kind: "invalid", problem: Problem}} Invalid  values or request refused; nothing was changed
 * @typedef {{kind: "conflict", problem: Problem}} Conflict  it is not as this page took it to be: read it again
 * @typedef {{kind: "unknown", offline: boolean}} Unknown  no answer, or none that says what happened
 * @typedef {GotView | Requested | Dead | InvalidLink | Invalid | Conflict | Unknown} Outcome
 */

const READ_TIMEOUT = 15_000; // milliseconds
const CHANGE_TIMEOUT = 30_000;

/**
 * @param {string} token
 * @returns {Promise<Outcome>}
 */
export const readInvitation = (token) => call("GET", "/api/invitation", token, undefined, READ_TIMEOUT);

/**
 * @param {string} token
 * @param {Submission} submission
 * @returns {Promise<Outcome>}
 */
export const submit = (token, submission) =>
  call("POST", "/api/invitation/submission", token, submission, CHANGE_TIMEOUT);

/**
 * @param {string} token
 * @param {string} reason "" for none
 * @returns {Promise<Outcome>}
 */
export const decline = (token, reason) =>
  call("POST", "/api/invitation/decline", token, reason ? { reason } : {}, CHANGE_TIMEOUT);

/**
 * @param {string} token a dead link's
 * @returns {Promise<Outcome>}
 */
export const requestLink = (token) => call("POST", "/api/invitation/request-link", token, undefined, CHANGE_TIMEOUT);

/**
 * @param {string} method @param {string} path @param {string} token @param {object | undefined} body
 * @param {number} timeout milliseconds
 * @returns {Promise<Outcome>}
 */
async function call(method, path, token, body, timeout) {
  try {
    const response = await fetch(path, {
      method,
      headers: {
        Authorization: `Invitation ${token}`,
        Accept: "application/json",
        "Accept-Language": LANGUAGE,
        ...(body ? { "Content-Type": "application/json" } : {}),
      },
      body: body ? JSON.stringify(body) : null,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(timeout),
    });
    return outcomeOf(response.status, await response.json(), serverTimeOf(response));
  } catch {
    return { kind: "unknown", offline: !navigator.onLine };
  }
}

/**
 * What an answer says. One that is not the app's own (a proxy's) says nothing.
 * @param {number} status
 * @param {any} body parsed JSON
 * @param {number} serverTime milliseconds since 1970
 * @returns {Outcome}
 */
export function outcomeOf(status, body, serverTime) {
  const code = typeof body?.code === "string" ? body.code : "";
  if (status >= 200 && status < 300 && isView(body)) return { kind: "view", view: body, serverTime };
  if (status === 200 && body?.requested === true) return { kind: "requested", requestedAt: body.requestedAt };
  if (status === 401 && code === "invalid-link") return { kind: "invalid-link", problem: body };
  if (status === 410 && code.startsWith("link-")) return { kind: "dead", problem: body, serverTime };
  if (status === 409 && code) return { kind: "conflict", problem: body };
  if (status >= 400 && status < 500 && code && status !== 429) return { kind: "invalid", problem: body };
  return { kind: "unknown", offline: false };
}

/** @param {any} body */
const isView = (body) =>
  typeof body?.status === "string" &&
  typeof body.provider?.name === "string" &&
  typeof body.service?.fullName === "string" &&
  Array.isArray(body.permissions);

/** The reader's clock may be wrong by minutes; how long a check runs is measured on the server's. @param {Response} response */
function serverTimeOf(response) {
  return Date.parse(response.headers.get("Date") ?? "") || Date.now();
}
