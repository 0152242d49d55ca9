// The provider's colours: a style sheet of the app's own, made from its settings, which every answer about a link names.

const SHEET = /^\/invite\/colors-[0-9a-f]{6}-[0-9a-f]{6}\.css$/; // invitations/assets.py writes it
const PATIENCE = 1000; // milliseconds; the page serves as well without them

/** @type {HTMLLinkElement | null} */
let worn = null;

/**
 * Puts the colours on, and is done when they can be seen, so that nothing is shown in others first. Trusted Types do not
 * look at the address of a style sheet: whatever is not exactly one of ours takes the colours off.
 * @param {unknown} address
 */
export async function wear(address) {
  if (worn?.getAttribute("href") === address) return;
  worn?.remove();
  worn = null;
  if (typeof address !== "string" || !SHEET.test(address)) return;
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.setAttribute("href", address);
  worn = sheet;
  await new Promise((resolve) => {
    for (const end of ["load", "error"]) sheet.addEventListener(end, resolve);
    setTimeout(resolve, PATIENCE);
    document.head.append(sheet);
  });
}
