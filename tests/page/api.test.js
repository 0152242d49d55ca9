// What an answer says, as a table; and that a proxy's answer says nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { outcomeOf } from "../../invitations/page/api.js";

const VIEW = {
  status: "pending",
  provider: { name: "Northwind Voice" },
  service: { fullName: "Contoso voice" },
  permissions: [],
};
const problem = (code) => ({ code, title: "…", detail: "…" });

const ANSWERS = [
  [200, VIEW, "view"],
  [202, { ...VIEW, status: "validating" }, "view"],
  [200, { requested: true, requestedAt: "2026-11-24T12:00:00Z" }, "requested"],
  [401, problem("invalid-link"), "invalid-link"],
  [409, problem("check-in-progress"), "conflict"],
  [409, problem("link-works"), "conflict"],
  [410, problem("link-expired"), "dead"],
  [422, problem("invalid-input"), "invalid"],
  [413, problem("too-large"), "invalid"],
  [429, problem("too-many-requests"), "unknown"],
  [503, problem("store-unavailable"), "unknown"],
  // not the app's own
  [200, null, "unknown"],
  [200, {}, "unknown"],
  [200, [], "unknown"],
  [200, { status: "ok" }, "unknown"],
  [200, { requested: false }, "unknown"],
  [401, { error: "proxy" }, "unknown"],
  [403, {}, "unknown"],
  [409, null, "unknown"],
  [410, { title: "Gone" }, "unknown"],
];
for (const [status, body, kind] of ANSWERS)
  test(`${status} ${JSON.stringify(body)?.slice(0, 60)}: ${kind}`, () =>
    assert.equal(outcomeOf(status, body, 0).kind, kind));

test("a dead link and a view carry the server's time", () => {
  assert.equal(outcomeOf(200, VIEW, 7).serverTime, 7);
  assert.equal(outcomeOf(410, problem("link-expired"), 7).serverTime, 7);
});
