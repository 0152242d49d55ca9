// A text is found by its English, its gaps are filled, and its plural is the reader's language's own.

import assert from "node:assert/strict";
import { test } from "node:test";

const BROUGHT = {
  Copied: "Kopiert",
  "Ask {provider} again": "{provider} noch einmal bitten",
  "One try is left.": { one: "Ein Versuch.", other: "{count} Versuche." },
};
globalThis.document = {
  documentElement: { lang: "de" },
  getElementById: () => ({ textContent: JSON.stringify(BROUGHT) }),
};
const { LANGUAGE, LOCALE, _, ngettext } = await import("../../invitations/page/texts.js");

test("the page's language is the texts' and the dates'", () => assert.deepEqual([LANGUAGE, LOCALE], ["de", "de"]));

const SAID = [
  ["Copied", {}, "Kopiert"],
  ["Not brought along", {}, "Not brought along"],
  ["Ask {provider} again", { provider: "{x} & $& Co" }, "{x} & $& Co noch einmal bitten"],
  ["{gap} stays", {}, "{gap} stays"],
  ["One try is left.", {}, "One try is left."], // a plural is asked for by number
];
for (const [message, given, said] of SAID) test(`${message} is ${said}`, () => assert.equal(_(message, given), said));

const COUNTED = [
  ["One try is left.", "{count} tries are left.", 1, "Ein Versuch."],
  ["One try is left.", "{count} tries are left.", 7, "7 Versuche."],
  ["One try is left.", "{count} tries are left.", 1234, "1.234 Versuche."],
  ["{count} blank", "{count} blanks", 1, "1 blank"],
  ["{count} blank", "{count} blanks", 0, "0 blanks"],
];
for (const [one, many, count, said] of COUNTED)
  test(`${count} of ${one} is ${said}`, () => assert.equal(ngettext(one, many, count), said));
