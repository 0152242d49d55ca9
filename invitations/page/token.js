// The invitation's token: taken from the address bar at once, kept for a reload of this tab alone.

const STORED_TOKEN = "invitation.token";
const STORED_IDS = "invitation.ids";
const STORED_STEP = "invitation.step";
const FINISHED = "invitation.finished";
const TOKEN = /^[A-Za-z0-9_-]{84}$/; // invitations/links.py writes it

/**
 * Finds the token in what a person pasted or opened: the code alone, the whole link, or a link that a mail
 * scanner has wrapped into one of its own. Blanks and line ends that a mail program put in are taken off.
 * @param {string} text
 * @returns {string | null} null when there is no whole token in it
 */
export function readToken(text) {
  const joined = unwrap(text.replace(/[\s\u200b-\u200d\u2060\ufeff<>"'“”]/g, ""));
  const candidate = joined.slice(joined.lastIndexOf("#") + 1);
  return TOKEN.test(candidate) ? candidate : null;
}

/** @param {string} text */
function unwrap(text) {
  const escapedFragment = text.search(/%23/i);
  return escapedFragment < 0 ? text : text.slice(escapedFragment + 3).replace(/[&%?].*$/, "");
}

/**
 * Takes the fragment out of the address bar, whatever it holds, before anything else can read or store it.
 * @returns {{token: string | null, cutOff: boolean}} cutOff: there was a fragment, but no whole token
 */
export function takeFromAddress() {
  const fragment = location.hash.slice(1);
  if (!fragment) return { token: null, cutOff: false };
  // No step is kept either: another invitation begins at its beginning.
  history.replaceState(null, "", location.pathname + location.search);
  const token = readToken(fragment);
  return { token, cutOff: token === null };
}

/** @param {string} token */
export function keepToken(token) {
  if (token !== stored(STORED_TOKEN)) forget();
  store(STORED_TOKEN, token);
}

/** @returns {string | null} */
export const keptToken = () => stored(STORED_TOKEN);

/** Whether this tab has seen an invitation through to its end. */
export const sawTheEnd = () => stored(FINISHED) !== null;

/** An end state was reached: nothing of the invitation stays in this browser's storage. */
export function finish() {
  forget();
  store(FINISHED, "yes");
}

export function forget() {
  for (const key of [STORED_TOKEN, STORED_IDS, STORED_STEP, FINISHED]) remove(key);
}

/**
 * The two ids (never the secret) survive a reload, so that only the secret has to be typed again.
 * @param {{tenantId: string, clientId: string}} ids
 */
export const keepIds = (ids) => store(STORED_IDS, JSON.stringify(ids));

/** @returns {{tenantId: string, clientId: string} | null} */
export function keptIds() {
  try {
    return JSON.parse(stored(STORED_IDS) ?? "null");
  } catch {
    return null;
  }
}

/**
 * The step that the reader is at, and a reason that was typed there, go along to the page in another language.
 * @param {unknown} state of the history @param {string} reason
 */
export const keepStep = (state, reason) => store(STORED_STEP, JSON.stringify({ state, reason }));

/** @returns {{state: unknown, reason: string}} what was kept, once; nothing when the page was not changed */
export function takeStep() {
  const kept = JSON.parse(stored(STORED_STEP) ?? "null");
  remove(STORED_STEP);
  return kept ?? { state: null, reason: "" };
}

/** @param {string} key */
function stored(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} key */
function remove(key) {
  try {
    sessionStorage.removeItem(key);
  } catch {
    /* storage is switched off: nothing was kept either */
  }
}

/** @param {string} key @param {string} value */
function store(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    /* a reload will ask for the link again */
  }
}
