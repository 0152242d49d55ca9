// The provider's colours: which address is taken for their style sheet, and that nothing waits for it for ever.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { wear } from "../../invitations/page/colors.js";

const OURS = "/invite/colors-0f5ea8-ffffff.css";
const OTHERS = "/invite/colors-8a1f5c-ffffff.css";

/** @type {object[]} the document's sheets */
let head;

class Sheet extends EventTarget {
  setAttribute(name, value) {
    this[name] = value;
  }
  getAttribute(name) {
    return this[name] ?? null;
  }
  remove() {
    head = head.filter((one) => one !== this);
  }
}

/** What becomes of a sheet's request. @type {(sheet: Sheet) => void} */
let answered;

beforeEach(async () => {
  head = [];
  answered = (sheet) => sheet.dispatchEvent(new Event("load"));
  globalThis.document = {
    createElement: () => new Sheet(),
    head: {
      append(sheet) {
        head.push(sheet);
        answered(sheet);
      },
    },
  };
  await wear(undefined);
});

const shown = () => head.map(({ rel, href }) => [rel, href]);

test("the provider's sheet is added once, however many answers name it", async () => {
  await wear(OURS);
  await wear(OURS);
  assert.deepEqual(shown(), [["stylesheet", OURS]]);
});

test("another provider's sheet takes its place, and an answer without one takes it off", async () => {
  await wear(OURS);
  await wear(OTHERS);
  assert.deepEqual(shown(), [["stylesheet", OTHERS]]);
  await wear(undefined);
  assert.deepEqual(shown(), []);
});

const FOREIGN = [
  `https://evil.example${OURS}`,
  `//evil.example${OURS}`,
  `/\\evil.example${OURS}`,
  `javascript:${OURS}`,
  "data:text/css,:root{}",
  OURS.slice(1),
  `.${OURS}`,
  `/invite/..${OURS}`,
  `${OURS}?x`,
  `${OURS}#x`,
  `${OURS}\n`,
  ` ${OURS}`,
  `${OURS}/../wizard.css`,
  OURS.replace("colors-", "colors-%2e"),
  OURS.replace("ffffff", "fffffff"),
  OURS.replace("ffffff", "FFFFFF"),
  OURS.replace("-ffffff", ""),
  OURS.replace("css", "js"),
  "/invite/wizard.css",
  "",
  null,
  7,
  [OURS],
  { toString: () => OURS },
];
for (const address of FOREIGN)
  test(`no sheet comes from ${JSON.stringify(address)}, and the colours before are off`, async () => {
    await wear(OURS);
    await wear(address);
    assert.deepEqual(shown(), []);
  });

test("a sheet that does not come keeps nobody waiting", async (t) => {
  answered = (sheet) => sheet.dispatchEvent(new Event("error"));
  await wear(OURS);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  answered = () => t.mock.timers.tick(1000);
  await wear(OTHERS);
});
