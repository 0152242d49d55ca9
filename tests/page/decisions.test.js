// What follows which answer, as tables.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  afterDecline,
  afterRequest,
  afterSubmit,
  mayAsk,
  pauseBeforeLook,
  requestedAt,
  screenOf,
  screenOfDead,
} from "../../invitations/page/decisions.js";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const EARLIER = "2026-11-24T11:00:00Z";
const view = (status, check = null) => ({ kind: "view", view: { status, check }, serverTime: NOW });
const dead = (code, members = {}) => ({ kind: "dead", problem: { status: 410, code, ...members }, serverTime: NOW });
const conflict = (code) => ({ kind: "conflict", problem: { status: 409, code } });
const UNKNOWN = { kind: "unknown", offline: false };
const INVALID = { kind: "invalid", problem: { status: 422, code: "invalid-input" } };
const INVALID_LINK = { kind: "invalid-link", problem: { status: 401, code: "invalid-link" } };
const ASKED = { kind: "requested", requestedAt: EARLIER };

const REFUSED = { outcome: "refused", startedAt: EARLIER };
const UNAVAILABLE = { outcome: "unavailable", startedAt: EARLIER };
const RUNNING = { outcome: null, startedAt: EARLIER };

const SCREENS = [
  ["pending", null, undefined, "welcome"],
  ["pending", null, "welcome", "welcome"],
  ["pending", null, "form", "form"],
  ["pending", null, "decline", "decline"],
  ["pending", REFUSED, undefined, "refused"],
  ["pending", REFUSED, "form", "refused"],
  ["pending", REFUSED, "welcome", "welcome"],
  ["pending", REFUSED, "decline", "decline"],
  ["pending", UNAVAILABLE, "form", "unavailable"],
  ["validating", RUNNING, undefined, "checking"],
  ["validating", RUNNING, "welcome", "checking"],
  ["validating", RUNNING, "form", "checking"],
  ["validating", RUNNING, "decline", "decline"], // a check that is under way can be declined
  ["authenticated", null, "form", "done"],
  ["authenticated", null, "decline", "done"],
  ["declined", null, "decline", "declined"],
];
for (const [status, check, step, screen] of SCREENS)
  test(`${status}, check ${check?.outcome ?? "none"}, at step ${step}: ${screen}`, () =>
    assert.equal(screenOf({ status, check }, step), screen));

// what, its answer, what reading said after it (else the same), when the last known check began, what follows
const SUBMITTED = [
  ["taken", view("validating", RUNNING), null, undefined, "follow"],
  ["refused values", INVALID, null, undefined, "refused-values"],
  ["the link has died", dead("link-expired"), null, undefined, "follow"],
  ["a check of another tab", conflict("check-in-progress"), view("validating", RUNNING), undefined, "follow"],
  ["another tab was first", conflict("link-used"), view("authenticated"), undefined, "follow"],
  ["the answer was lost, the check has begun", UNKNOWN, view("validating", RUNNING), undefined, "follow"],
  ["the answer was lost, the check has ended", UNKNOWN, view("pending", REFUSED), undefined, "follow"],
  ["the answer was lost, the link has died", UNKNOWN, dead("link-declined"), undefined, "follow"],
  ["it never arrived", UNKNOWN, view("pending"), undefined, "no-answer"],
  ["it never arrived, after an earlier check", UNKNOWN, view("pending", REFUSED), EARLIER, "no-answer"],
  ["a conflict, and nothing has begun", conflict("check-in-progress"), view("pending", REFUSED), EARLIER, "no-answer"],
  ["no answer at all", UNKNOWN, UNKNOWN, undefined, "no-answer"],
  ["a conflict, and then no answer", conflict("check-in-progress"), UNKNOWN, undefined, "no-answer"],
];
for (const [what, sent, read, began, next] of SUBMITTED)
  test(`after a submission, ${what}: ${next}`, () =>
    assert.equal(afterSubmit({ sent, last: read ?? sent }, began), next));

const DECLINED = [
  ["declined", view("declined"), null, "follow"],
  ["declined before", dead("link-declined"), null, "follow"],
  ["the link has died otherwise", dead("link-expired"), null, "follow"],
  ["too late", conflict("link-used"), view("authenticated"), "follow"],
  ["refused reason", INVALID, null, "refused-reason"],
  ["unknown link", INVALID_LINK, null, "follow"],
  ["the answer was lost", UNKNOWN, dead("link-declined"), "follow"],
  ["it never arrived", UNKNOWN, view("pending"), "no-answer"],
  ["it never arrived, and a check runs", UNKNOWN, view("validating", RUNNING), "no-answer"],
  ["no answer at all", UNKNOWN, UNKNOWN, "no-answer"],
  ["a conflict, and the link is open again", conflict("link-used"), view("pending"), "no-answer"],
];
for (const [what, sent, read, next] of DECLINED)
  test(`after declining, ${what}: ${next}`, () => assert.equal(afterDecline({ sent, last: read ?? sent }), next));

const DEAD_SCREENS = [
  ["link-declined", true, "declined"],
  ["link-declined", false, "dead"],
  ["link-expired", true, "dead"],
];
for (const [code, declining, screen] of DEAD_SCREENS)
  test(`${code}, ${declining ? "" : "not "}while declining: ${screen}`, () =>
    assert.equal(screenOfDead({ status: 410, code }, declining), screen));

const REQUESTED = [
  ["asked", ASKED, null, "asked"],
  ["the link works again", conflict("link-works"), view("pending"), "follow"],
  ["the link is used", conflict("link-used"), view("authenticated"), "follow"],
  ["a newer link is used", conflict("link-used"), dead("link-replaced"), "answered"],
  [
    "the link was replaced at the same moment",
    conflict("link-works"),
    dead("link-replaced", { canRequest: true }),
    "follow",
  ],
  ["too old", dead("link-too-old"), null, "follow"],
  ["cancelled", dead("link-cancelled"), null, "follow"],
  ["unknown link", INVALID_LINK, null, "follow"],
  ["the answer was lost", UNKNOWN, dead("link-expired", { canRequest: true, requestedAt: EARLIER }), "asked"],
  ["it never arrived", UNKNOWN, dead("link-expired", { canRequest: true }), "no-answer"],
  [
    "it never arrived, after an earlier day",
    UNKNOWN,
    dead("link-expired", { canRequest: true, requestedAt: "2026-11-20T11:00:00Z" }),
    "no-answer",
  ],
  ["the answer was lost, and there is nothing to ask any more", UNKNOWN, dead("link-cancelled"), "follow"],
  ["the answer was lost, and the link works again", UNKNOWN, view("pending"), "follow"],
  ["no answer at all", UNKNOWN, UNKNOWN, "no-answer"],
];
for (const [what, sent, read, next] of REQUESTED)
  test(`after asking for a new link, ${what}: ${next}`, () =>
    assert.equal(afterRequest({ sent, last: read ?? sent }), next));

test("the time of asking stands in the answer, or in the dead link's problem", () => {
  assert.equal(requestedAt(ASKED), EARLIER);
  assert.equal(requestedAt(dead("link-expired", { requestedAt: EARLIER })), EARLIER);
});

const ASKING = [
  [{ canRequest: true }, true],
  [{ canRequest: true, requestedAt: "2026-11-23T12:00:00Z" }, true],
  [{ canRequest: true, requestedAt: "2026-11-23T12:00:01Z" }, false],
  [{ canRequest: true, requestedAt: "2026-11-24T12:00:05Z" }, false],
  [{ canRequest: true, requestedAt: "no time" }, true],
  [{ requestedAt: "2026-11-01T12:00:00Z" }, false],
  [{}, false],
];
for (const [problem, may] of ASKING)
  test(`${JSON.stringify(problem)} ${may ? "may" : "may not"} ask`, () => assert.equal(mayAsk(problem, NOW), may));

const PAUSES = [
  [0, 0, 1000],
  [29_999, 0, 1000],
  [30_000, 0, 3000],
  [180_000, 0, 10_000],
  [0, 1, 2000],
  [0, 3, 8000],
  [0, 4, 15_000],
  [500_000, 9, 15_000],
];
for (const [elapsed, failures, pause] of PAUSES)
  test(`${elapsed} ms into a check, after ${failures} failures, the next look comes in ${pause} ms`, () =>
    assert.equal(pauseBeforeLook(elapsed, failures), pause));
