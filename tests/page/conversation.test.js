// Answers that come late, out of order, or not at all.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { heldToken, hold, read, settle } from "../../invitations/page/conversation.js";

const VIEW = {
  status: "pending",
  provider: { name: "Northwind Voice" },
  service: { fullName: "Contoso voice" },
  permissions: [],
};
const UNKNOWN = { kind: "unknown", offline: false };
const CONFLICT = { kind: "conflict", problem: { status: 409, code: "link-used" } };

/** @type {{token: string, answer: (body: object) => void}[]} every reading that was asked for, to be answered by the test */
let readings;

beforeEach(() => {
  readings = [];
  globalThis.fetch = (path, { headers }) =>
    new Promise((resolve) => {
      assert.equal(path, "/api/invitation");
      readings.push({ token: headers.Authorization, answer: (body) => resolve(Response.json(body)) });
    });
  hold("one");
});

test("without a link nothing is asked", async () => {
  hold(null);
  assert.equal(heldToken(), null);
  assert.equal(await read(), null);
  assert.equal(await settle(() => assert.fail()), null);
  assert.equal(readings.length, 0);
});

test("an answer is there with its provider's colours, and one that is dropped brings none", async () => {
  const styles = (number) => `/invite/colors-00000${number}-ffffff.css`;
  const worn = [];
  const sheet = () =>
    Object.assign(new EventTarget(), {
      setAttribute: (_, href) => worn.push(href),
      getAttribute: () => worn.at(-1),
      remove() {},
    });
  globalThis.document = {
    createElement: sheet,
    head: { append: (added) => added.dispatchEvent(new Event("load")) },
  };
  const older = read();
  hold("two");
  const newer = read();
  readings[1].answer({ ...VIEW, provider: { name: "Fabrikam Telecom", styles: styles(2) } });
  assert.equal((await newer)?.kind, "view");
  readings[0].answer({ ...VIEW, provider: { name: "Northwind Voice", styles: styles(1) } });
  assert.equal(await older, null);
  assert.deepEqual(worn, [styles(2)]);
});

test("of two readings the newer one counts, in whatever order they are answered", async () => {
  const [older, newer] = [read(), read()];
  readings[1].answer({ ...VIEW, status: "authenticated" });
  readings[0].answer({ ...VIEW, status: "validating" });
  assert.equal((await newer)?.view.status, "authenticated");
  assert.equal(await older, null);
});

test("an answer about the link before is dropped", async () => {
  const before = read();
  hold("two");
  const after = read();
  for (const reading of readings) reading.answer(VIEW);
  assert.equal(await before, null);
  assert.equal((await after)?.kind, "view");
  assert.deepEqual(
    readings.map(({ token }) => token),
    ["Invitation one", "Invitation two"],
  );
});

test("an answer that comes after the link was given up is dropped", async () => {
  const before = read();
  hold(null);
  readings[0].answer(VIEW);
  assert.equal(await before, null);
});

test("a change that says what happened is not followed by a reading", async () => {
  const sent = { kind: "dead", problem: { status: 410, code: "link-expired" }, serverTime: 0 };
  assert.deepEqual(await settle(async () => sent), { sent, last: sent });
  assert.equal(readings.length, 0);
});

for (const doubtful of [UNKNOWN, CONFLICT])
  test(`a change with the answer ${doubtful.kind} is settled by reading`, async () => {
    const settled = settle(async () => doubtful);
    await new Promise(setImmediate);
    readings[0].answer(VIEW);
    const { sent, last } = await settled;
    assert.equal(sent, doubtful);
    assert.equal(last.kind, "view");
  });

test("a change whose answer comes after something newer was asked is dropped, without a reading", async () => {
  /** @type {(outcome: object) => void} */
  let answer = () => {};
  const change = settle(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  const newer = read();
  answer(UNKNOWN);
  assert.equal(await change, null);
  assert.equal(readings.length, 1);
  readings[0].answer(VIEW);
  assert.equal((await newer)?.kind, "view");
});
