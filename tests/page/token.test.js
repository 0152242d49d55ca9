// Where the token may be found, and that it leaves the address bar at once.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import * as tokens from "../../invitations/page/token.js";

const TOKEN = "ARERERGqqku7jMwAAAAAAAH5nvTTWM2uVpesQaQAAeUgEAUkugP3bmlDwBjM7Mc8tl164kBv2FA9dOcv2riV";
const LINK = `https://connect.example/invite#${TOKEN}`;

/** @type {Map<string, string>} */
let storage;
/** @type {[unknown, string][]} state and address of each entry */
let addresses;

beforeEach(() => {
  storage = new Map();
  addresses = [];
  globalThis.sessionStorage = {
    getItem: (key) => storage.get(key) ?? null,
    setItem: (key, value) => storage.set(key, value),
    removeItem: (key) => storage.delete(key),
  };
  globalThis.history = {
    state: { step: "decline" },
    replaceState: (state, _title, address) => addresses.push([state, address]),
  };
});

const WRITTEN = {
  "the code alone": TOKEN,
  "the whole link": LINK,
  "a code that a mail program has wrapped": `${TOKEN.slice(0, 40)}\r\n  ${TOKEN.slice(40)}`,
  "a link in angle brackets": `<${LINK}>`,
  "a link that a mail scanner has wrapped": `https://safe.example/?url=${encodeURIComponent(LINK)}&data=05%7C02`,
};
for (const [what, text] of Object.entries(WRITTEN))
  test(`the token is found in ${what}`, () => assert.equal(tokens.readToken(text), TOKEN));

for (const text of ["", TOKEN.slice(1), `${TOKEN}A`, TOKEN.replace("A", "!"), "https://connect.example/invite"])
  test(`no token is found in ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(tokens.readToken(text), null));

test("the fragment leaves the address bar at once, whole or cut off", () => {
  for (const [fragment, token] of [
    [TOKEN, TOKEN],
    [TOKEN.slice(0, 20), null],
  ]) {
    globalThis.location = { hash: `#${fragment}`, pathname: "/invite", search: "?language=de" };
    assert.deepEqual(tokens.takeFromAddress(), { token, cutOff: token === null });
    assert.deepEqual(addresses.pop(), [null, "/invite?language=de"]); // and no step of the invitation before
  }
});

test("an address without a fragment is left alone", () => {
  globalThis.location = { hash: "", pathname: "/invite", search: "?language=de" };
  assert.deepEqual(tokens.takeFromAddress(), { token: null, cutOff: false });
  assert.deepEqual(addresses, []);
});

test("a reload finds the token and the ids again", () => {
  tokens.keepToken(TOKEN);
  tokens.keepIds({ tenantId: "t", clientId: "c" });
  assert.equal(tokens.keptToken(), TOKEN);
  assert.deepEqual(tokens.keptIds(), { tenantId: "t", clientId: "c" });
});

test("another invitation's token removes the ids of the one before", () => {
  tokens.keepToken(TOKEN);
  tokens.keepIds({ tenantId: "t", clientId: "c" });
  tokens.keepToken(TOKEN.replace("A", "B"));
  assert.equal(tokens.keptIds(), null);
});

test("an end state leaves nothing of the invitation in the browser", () => {
  tokens.keepToken(TOKEN);
  tokens.keepIds({ tenantId: "t", clientId: "c" });
  tokens.finish();
  assert.ok(tokens.sawTheEnd());
  assert.ok(![...storage.values()].some((value) => value.includes(TOKEN) || value.includes("tenantId")));
});

test("a browser without storage is no error", () => {
  const refuse = () => {
    throw new Error("denied");
  };
  globalThis.sessionStorage = { getItem: refuse, setItem: refuse, removeItem: refuse };
  tokens.keepToken(TOKEN);
  assert.equal(tokens.keptToken(), null);
  tokens.finish();
  assert.equal(tokens.sawTheEnd(), false);
});
