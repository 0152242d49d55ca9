// Small steps on the document: find, fill with text, copy a template of index.html. Nothing here parses HTML.

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element;
}

/** @param {string} id @param {string} text */
export function setText(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

/** @param {string} text read out by screen readers, at the next pause */
export const announce = (text) => setText("announcer", text);

/** An error that concerns no field. @param {string} noticeId @param {string} text */
export function showTrouble(noticeId, text) {
  setText(`${noticeId}-text`, text);
  byId(noticeId).hidden = false;
  byId(noticeId).focus();
}

/**
 * An error at its field: `#name`, in `#name-field`, with its words in `#name-error`.
 * @param {string} name @param {string | null} text
 */
export function setError(name, text) {
  setText(`${name}-error`, text ?? "");
  byId(`${name}-field`).classList.toggle("has-error", Boolean(text));
  if (text) byId(name).setAttribute("aria-invalid", "true");
  else byId(name).removeAttribute("aria-invalid");
}

/**
 * Does what a button is for: until it is done the button says so, and another press does nothing.
 * @param {string} buttonId @param {string} words meanwhile @param {() => Promise<void>} act
 */
export async function whileBusy(buttonId, words, act) {
  const button = byId(buttonId);
  if (button.getAttribute("aria-disabled") === "true") return;
  const before = button.textContent ?? "";
  button.setAttribute("aria-disabled", "true");
  button.textContent = words;
  announce(words);
  try {
    await act();
  } finally {
    button.removeAttribute("aria-disabled");
    if (button.textContent === words) button.textContent = before;
    if (byId("announcer").textContent === words) announce("");
  }
}

/** @param {string} slot @param {string} text */
export function fillSlots(slot, text) {
  for (const element of document.querySelectorAll(`[data-slot="${slot}"]`)) element.textContent = text;
}

/** @param {string} templateId @returns {HTMLElement} */
export function clone(templateId) {
  const template = /** @type {HTMLTemplateElement} */ (byId(templateId));
  return /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
}

/** @param {Element} parent @param {string} selector @returns {HTMLElement} */
export function part(parent, selector) {
  const element = parent.querySelector(selector);
  if (!element) throw new Error(`index.html has no ${selector}`);
  return /** @type {HTMLElement} */ (element);
}

/** @param {string} text */
export function listEntry(text) {
  const entry = document.createElement("li");
  entry.textContent = text;
  return entry;
}

/** @param {string} href @param {string} text */
export function anchor(href, text) {
  const link = document.createElement("a");
  link.href = href;
  link.textContent = text;
  return link;
}
