// The style sheets hold Fluent UI's tokens as the installed package has them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { text, wizard } from "../../scripts/tokens.mjs";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("the wizard's style sheet is up to date with the tokens", async () => {
  assert.equal(read("invitations/page/wizard.css"), await wizard());
});

test("the portal's tokens are up to date", async () => {
  assert.equal(read("portal/src/styles/tokens.css"), await text());
});

test("every token that the wizard's rules name is there", () => {
  const css = read("invitations/page/wizard.css");
  const named = [...css.matchAll(/var\(--([a-zA-Z0-9-]+)/g)].map(([, name]) => name);
  assert.deepEqual(
    named.filter((name) => !css.includes(`--${name}:`)),
    [],
  );
});
