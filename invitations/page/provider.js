// The service provider that asks: its name, colours and contact wherever they appear on the page.

import { anchor, byId, fillSlots } from "./elements.js";

/** @typedef {import("./api.js").Provider} Provider */

const NOBODY = "The organisation that invited you";
let name = NOBODY;

/** @returns {string} as it stands in sentences */
export const providerName = () => name;

/** Whether an answer has told the name yet. */
export const providerIsKnown = () => name !== NOBODY;

/** @param {Provider | undefined} provider */
export function showProvider(provider) {
  name = provider?.name || NOBODY;
  fillSlots("provider", name);
  showColors(provider?.colors ?? null);
  showContact(provider?.contact ?? null);
}

/** @param {import("./api.js").Contact | null} contact */
function showContact(contact) {
  /** @type {(Node | string)[]} */
  const ways = [];
  if (contact?.name) ways.push(contact.name);
  if (contact?.phone) ways.push(anchor(`tel:${contact.phone.replace(/[^+\d]/g, "")}`, contact.phone));
  if (contact?.email) ways.push(anchor(mailto(contact.email), contact.email));
  byId("contact-ways").replaceChildren(...ways.map((way) => {
    const entry = document.createElement("li");
    entry.append(way);
    return entry;
  }));
}

/** @param {string} email @param {string} [subject] */
export const mailto = (email, subject) =>
  `mailto:${encodeURIComponent(email).replaceAll("%40", "@")}${subject ? `?subject=${encodeURIComponent(subject)}` : ""}`;

/**
 * The provider's colours are taken only as #rrggbb, and only where text on them can be read (4.5 : 1, WCAG 1.4.3).
 * @param {{accent: string, onAccent: string} | null} colors
 */
function showColors(colors) {
  const style = document.documentElement.style;
  const pair = colors && [colors.accent, colors.onAccent];
  const fit = pair && pair.every((color) => /^#[0-9a-f]{6}$/i.test(color)) && contrast(pair[0], pair[1]) >= 4.5;
  for (const [index, name] of ["--accent", "--on-accent"].entries()) {
    if (fit) style.setProperty(name, pair[index]);
    else style.removeProperty(name);
  }
}

/** @param {string} one @param {string} other #rrggbb @returns {number} 1 to 21 */
function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** @param {string} color #rrggbb @returns {number} relative luminance by WCAG 2, 0 to 1 */
function luminance(color) {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const level = parseInt(color.slice(start, start + 2), 16) / 255;
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
