// Every end of a link has words of its own, which promise nothing that the page does not offer.

import assert from "node:assert/strict";
import { test } from "node:test";

import { askedOn, deadLink, duration, formAgain, formHeading, moment } from "../../invitations/page/words.js";

const CODES = [
  "link-expired",
  "link-replaced",
  "link-revoked",
  "link-declined",
  "link-locked",
  "link-suspended",
  "link-cancelled",
  "link-used",
  "link-too-old",
];
const texts = CODES.map((code) => deadLink(code, "Monday", "Northwind Voice", "The server's words."));

test("each end has its own heading, and says why", () => {
  assert.equal(new Set(texts.map(({ heading }) => heading)).size, CODES.length);
  for (const { why, next } of texts) assert.ok(why && next);
});

test("an end that this page does not know is told in the server's words", () => {
  const text = deadLink("link-of-tomorrow", "", "Northwind Voice", "The server's words.");
  assert.equal(text.why, "The server's words.");
  assert.ok(text.ask);
});

test("nobody is blamed, and nothing is shouted", () => {
  const all = [
    ...texts.flatMap(({ heading, why, next }) => [heading, why, next]),
    askedOn("Monday", "Northwind Voice"),
  ];
  for (const text of all) assert.doesNotMatch(text, /!|your fault|you failed|invalid/i);
});

test("a time that cannot be read leaves no gap in the sentence", () => {
  assert.match(askedOn(moment("2026-11-24T12:00:00Z"), "X"), /^Asked on \S.*2026.*\. X decides/);
  assert.match(askedOn(moment(undefined), "X"), /^You have asked\. X decides/);
  assert.doesNotMatch(deadLink("link-expired", moment("no time"), "X", undefined).why, / on /);
});

const REFUSED = [
  ["tenant", /^Correct the values/, /^$/],
  ["sign-in", /^When the steps are done/, /^Enter the client secret again/],
  ["organization", /^When the steps are done/, /^Enter the client secret again/],
  ["permissions", /^When the steps are done/, /^The values are right\. Enter the client secret again/],
];
for (const [name, heading, again] of REFUSED)
  test(`after a refusal at ${name}, the form says what to do`, () => {
    assert.match(formHeading([{ name }]), heading);
    assert.match(formAgain([{ name }]), again);
  });

const DURATIONS = [
  [0, "0 seconds"],
  [1999, "1 second"],
  [59_000, "59 seconds"],
  [61_000, "1 minute 1 second"],
  [-5, "0 seconds"],
];
for (const [milliseconds, words] of DURATIONS)
  test(`${milliseconds} ms are ${words}`, () => assert.equal(duration(milliseconds), words));
