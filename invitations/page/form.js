// The form of step 9: tidies and checks each field on leaving it, and never keeps the secret longer than it must.

import { byId, setError, whileBusy } from "./elements.js";
import { errorOf, inShort, tidy } from "./rules.js";
import { _, ngettext } from "./texts.js";

/**
 * @typedef {import("./rules.js").FieldName} FieldName
 * @typedef {import("./rules.js").Values} Values
 * @typedef {import("./api.js").Problem} Problem
 */

/** @type {FieldName[]} */
const FIELDS = ["tenantId", "clientId", "secret", "expiresOn"];

/** @type {Record<string, FieldName>} */
const FIELD_OF_POINTER = {
  "/tenantId": "tenantId",
  "/clientId": "clientId",
  "/credential": "secret",
  "/credential/value": "secret",
  "/credential/expiresOn": "expiresOn",
};

const input = (/** @type {FieldName} */ field) => /** @type {HTMLInputElement} */ (byId(field));
let pressing = false;

/** @param {(values: Values) => Promise<void>} onSubmit called with values that passed every rule; one call at a time */
export function prepareForm(onSubmit) {
  for (const field of FIELDS) {
    input(field).addEventListener("blur", () => afterPress(() => leave(field)));
    input(field).addEventListener("input", () => recheck(field));
  }
  document.addEventListener(
    "pointerdown",
    () => {
      pressing = true;
    },
    true,
  );
  for (const end of ["pointerup", "pointercancel"])
    document.addEventListener(
      end,
      () => {
        pressing = false;
      },
      true,
    );
  byId("secret-show").addEventListener("click", () => mask(secretIsShown()));
  byId("registration-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (allRight()) whileBusy("start", _("Sending…"), () => onSubmit(values()));
  });
  mask(true);
}

/** @param {{tenantId: string, clientId: string} | null} ids what a reload kept */
export function fillIds(ids) {
  if (!ids) return;
  for (const field of /** @type {const} */ (["tenantId", "clientId"]))
    if (!input(field).value) input(field).value = String(ids[field] ?? "");
}

/** What was typed of the two ids, tidied. */
export const typedIds = () => ({ tenantId: values().tenantId, clientId: values().clientId });

/** Empties everything: another invitation was opened in this tab. */
export function resetForm() {
  for (const field of FIELDS) {
    input(field).value = "";
    setError(field, null);
    setNote(field, "");
  }
  mask(true);
  hideSummary();
}

/** The secret leaves the page: its check has begun or ended, or the page is being left. */
export function clearSecret() {
  input("secret").value = "";
  setError("secret", null);
  setNote("secret", "");
  mask(true);
  hideSummary();
}

/**
 * Shows the server's refusal of the values, each error at its field and all in the summary.
 * @param {Problem} problem
 */
export function showRefusedValues(problem) {
  /** @type {{field: FieldName | null, text: string}[]} */
  const entries = (problem.errors ?? []).map((error) => ({
    field: FIELD_OF_POINTER[error.pointer] ?? null,
    text: error.detail,
  }));
  for (const { field, text } of entries) if (field) setError(field, text);
  if (entries.length) showSummary(_("These values were not accepted. Nothing was sent to Microsoft."), entries);
  else
    showFormTrouble(
      problem.title ?? _("This was not accepted"),
      problem.detail ?? _("Nothing is lost: your values are still here."),
    );
}

/** @param {string} title @param {string} text something that concerns no single field */
export const showFormTrouble = (title, text) => showSummary(title, [{ field: null, text }]);

/** @returns {Values} tidied */
function values() {
  return /** @type {Values} */ (Object.fromEntries(FIELDS.map((field) => [field, tidy(field, input(field).value)])));
}

/**
 * An error that appears while the mouse button is down would push the pressed button away from under the pointer.
 * @param {() => void} act
 */
function afterPress(act) {
  if (!pressing) act();
  else document.addEventListener("pointerup", () => setTimeout(act), { once: true });
}

/** @param {FieldName} field */
function leave(field) {
  tidyVisibly(field);
  if (input(field).value || input(field).validity.badInput) setError(field, wrong(field));
}

/** While it is being corrected, an error goes as soon as it is mended; none appears. @param {FieldName} field */
function recheck(field) {
  setNote(field, "");
  for (const other of FIELDS) if (hasError(other) && !wrong(other)) setError(other, null);
}

/** @param {FieldName} field @returns {string | null} */
function wrong(field) {
  if (field === "expiresOn" && input(field).validity.badInput)
    return _("Enter the whole day, or leave the field empty.");
  return errorOf(field, values(), today());
}

/** @param {FieldName} field */
function tidyVisibly(field) {
  const before = input(field).value;
  const after = tidy(field, before);
  if (before === after) return;
  input(field).value = after;
  const what =
    field === "secret"
      ? _("Blanks around the value were taken off.")
      : _("Blanks, quotes or braces around the value were taken off.");
  setNote(field, after ? what : "");
}

function allRight() {
  FIELDS.forEach(tidyVisibly);
  const entries = FIELDS.map((field) => ({ field, text: wrong(field) ?? "" })).filter((entry) => entry.text);
  for (const field of FIELDS) setError(field, wrong(field));
  if (!entries.length) {
    hideSummary();
    return true;
  }
  showSummary(ngettext("One value needs a correction", "{count} values need a correction", entries.length), entries);
  return false;
}

/** @param {string} title @param {{field: FieldName | null, text: string}[]} entries */
function showSummary(title, entries) {
  byId("summary-title").textContent = title;
  byId("summary-list").replaceChildren(
    ...entries.map(({ field, text }) => {
      const entry = document.createElement("li");
      entry.append(field ? linkTo(field, text) : text);
      return entry;
    }),
  );
  byId("summary").hidden = false;
  byId("summary").focus();
}

/** @param {FieldName} field @param {string} text */
function linkTo(field, text) {
  const link = document.createElement("a");
  link.href = `#${field}`;
  link.textContent = _("{name}: {what}", { name: labelOf(field), what: inShort(text) });
  link.addEventListener("click", (event) => {
    event.preventDefault(); // the fragment of this page's address belongs to the invitation's link
    input(field).focus();
  });
  return link;
}

function hideSummary() {
  byId("summary").hidden = true;
}

/** @param {FieldName} field */
const labelOf = (field) => input(field).labels?.[0]?.firstChild?.textContent?.trim() ?? field;

/** @param {FieldName} field */
const hasError = (field) => input(field).hasAttribute("aria-invalid");

/** @param {FieldName} field @param {string} text */
function setNote(field, text) {
  const note = document.getElementById(`${field}-note`);
  if (note) note.textContent = text;
}

const secretIsShown = () => byId("secret-show").getAttribute("aria-pressed") === "true";

/**
 * A text field drawn as dots is no password to the browser, which therefore never offers to store it. Where dots
 * cannot be drawn, a password field must do.
 * @param {boolean} hide
 */
function mask(hide) {
  const field = input("secret");
  field.classList.toggle("masked", hide);
  field.type =
    hide && getComputedStyle(field).getPropertyValue("-webkit-text-security") !== "disc" ? "password" : "text";
  field.autocomplete = field.type === "password" ? "new-password" : "off";
  byId("secret-show").setAttribute("aria-pressed", String(!hide));
}

/** @returns {string} the reader's day, YYYY-MM-DD */
function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
