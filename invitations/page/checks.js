// The items of a check: as a list that fills, and as a block that explains a failure.

import { announce, byId, clone, listEntry, part } from "./elements.js";
import { _ } from "./texts.js";
import { stateWord } from "./words.js";

/** @typedef {import("./api.js").Item} Item */

/**
 * @param {string} listId @param {Item[]} items @param {boolean} running
 * @returns {string[]} a sentence for each row whose state has changed since it was last drawn
 */
export function showItems(listId, items, running) {
  const list = byId(listId);
  const before = new Map([...list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.name, row]));
  /** @type {string[]} */
  const changes = [];
  const rows = items.map((item) => {
    const row = /** @type {HTMLElement} */ (before.get(item.name) ?? clone("check-row"));
    const isNew = row.dataset.state === undefined;
    if (row.dataset.state !== item.state && !(isNew && item.state === "waiting"))
      changes.push(`${titled(item.title, stateWord(item.state, running))}.`);
    fillRow(row, item, running);
    return row;
  });
  if (rows.length !== list.children.length || rows.some((row, index) => list.children[index] !== row))
    list.replaceChildren(...rows);
  return changes;
}

/** @param {string} name @param {string} what */
const titled = (name, what) => _("{name}: {what}", { name, what });

/** @param {HTMLElement} row @param {Item} item @param {boolean} running */
function fillRow(row, item, running) {
  row.dataset.name = item.name;
  row.dataset.state = item.state;
  part(row, "use").setAttribute("href", `#icon-${item.state}`);
  part(row, ".check-title").textContent = item.title;
  part(row, ".check-state").textContent = stateWord(item.state, running);
  const explains = item.state === "warning" || item.state === "failed";
  const detail = part(row, ".check-detail");
  detail.textContent = addsSomething(item) ? item.detail : "";
  detail.hidden = !detail.textContent;
  const steps = part(row, ".check-steps");
  steps.replaceChildren(...(explains ? (item.steps ?? []) : []).map(listEntry));
  steps.hidden = !steps.children.length;
}

/** Of what passed, title and state have said it all, but for a day. @param {Item} item */
const addsSomething = ({ name, state }) => state !== "passed" || name === "secret-expiry";

/** @param {Item} item */
export function failure(item) {
  const block = clone("failure");
  part(block, ".failure-title span").textContent = titled(item.title, stateWord("failed", false));
  part(block, ".failure-detail").textContent = item.detail ?? "";
  part(block, ".failure-steps").replaceChildren(...(item.steps ?? []).map(listEntry));
  if (!item.steps?.length) part(block, ".failure-steps-title").remove();
  const trace = part(block, ".failure-trace");
  if (item.traceId) prepareTrace(trace, item.traceId);
  else trace.remove();
  return block;
}

/** @param {HTMLElement} line @param {string} traceId */
function prepareTrace(line, traceId) {
  const code = part(line, "code");
  const button = part(line, "button");
  code.textContent = traceId;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(traceId);
      button.textContent = _("Copied");
      button.removeAttribute("aria-label");
      announce(_("The trace ID was copied."));
    } catch {
      getSelection()?.selectAllChildren(code);
      announce(_("The trace ID is selected; copy it with the keyboard."));
    }
  });
}
