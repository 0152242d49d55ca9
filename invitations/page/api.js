// The two calls of the invitation API, each answered by one of a few plain outcomes; nothing is thrown.

/**
 * @typedef {{name: string | null, email: string | null, phone: string | null}} Contact
 * @typedef {{name: string, contact: Contact | null, colors: {accent: string, onAccent: string} | null}} Provider
 * @typedef {"waiting" | "passed" | "warning" | "failed"} ItemState
 * @typedef {{name: string, title: string, state: ItemState, detail: string | null, steps: string[] | null,
 *   traceId: string | null}} Item
 * @typedef {{startedAt: string, finishedAt: string | null, outcome: null | "passed" | "refused" | "unavailable",
 *   waitingFor: string | null, attempts: number, items: Item[]}} Check
 * @typedef {{status: "pending" | "validating" | "authenticated", provider: Provider, service: {fullName: string},
 *   expiresAt: string, triesLeft: number, permissions: {name: string, why: string}[], check: Check | null}} View
 * @typedef {{status: number, title?: string, detail?: string, code?: string, at?: string, provider?: Provider,
 *   errors?: {pointer: string, code: string, detail: string}[]}} Problem
 * @typedef {{tenantId: string, clientId: string, credential: {kind: "secret", value: string, expiresOn?: string}}} Submission
 *
 * @typedef {{kind: "view", view: View, serverTime: number}} GotView  serverTime: milliseconds since 1970
 * @typedef {{kind: "dead", problem: Problem}} Dead
 * @typedef {{kind: "invalid-link", problem: Problem}} InvalidLink
 * @typedef {{kind: "invalid", problem: Problem}} Invalid  values or request refused; nothing was changed
 * @typedef {{kind: "conflict", problem: Problem}} Conflict  a check is under way, or the link is used: read it again
 * @typedef {{kind: "unknown", offline: boolean}} Unknown  no answer, or none that says what happened
 * @typedef {GotView | Dead | InvalidLink | Invalid | Conflict | Unknown} Outcome
 */

const READ_TIMEOUT = 15_000; // milliseconds
const SUBMIT_TIMEOUT = 30_000;

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
  call("POST", "/api/invitation/submission", token, submission, SUBMIT_TIMEOUT);

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
        ...(body ? { "Content-Type": "application/json" } : {}),
      },
      body: body ? JSON.stringify(body) : undefined,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(timeout),
    });
    return outcomeOf(response, await response.json());
  } catch {
    return { kind: "unknown", offline: !navigator.onLine };
  }
}

/**
 * @param {Response} response
 * @param {any} body
 * @returns {Outcome}
 */
function outcomeOf(response, body) {
  if (response.ok) return { kind: "view", view: body, serverTime: serverTimeOf(response) };
  if (response.status === 401) return { kind: "invalid-link", problem: body };
  if (response.status === 409) return { kind: "conflict", problem: body };
  if (response.status === 410) return { kind: "dead", problem: body };
  if (response.status >= 500) return { kind: "unknown", offline: false };
  return { kind: "invalid", problem: body };
}

/** The reader's clock may be wrong by minutes; how long a check runs is measured on the server's. @param {Response} response */
function serverTimeOf(response) {
  return Date.parse(response.headers.get("Date") ?? "") || Date.now();
}
