// The service provider that asks: its name and contact wherever they appear on the page.

import { anchor, byId, fillSlots } from "./elements.js";
import { _ } from "./texts.js";

/** @typedef {import("./api.js").Provider} Provider */

const NOBODY = _("The organisation that invited you");
let name = NOBODY;

/** @returns {string} as it stands in sentences */
export const providerName = () => name;

/** Whether an answer has told the name yet. */
export const providerIsKnown = () => name !== NOBODY;

/** @param {Provider | undefined} provider */
export function showProvider(provider) {
  name = provider?.name || NOBODY;
  fillSlots("provider", name);
  showContact(provider?.contact ?? null);
}

/** @param {import("./api.js").Contact | null} contact */
function showContact(contact) {
  /** @type {(Node | string)[]} */
  const ways = [];
  if (contact?.name) ways.push(contact.name);
  if (contact?.phone) ways.push(anchor(`tel:${contact.phone.replace(/[^+\d]/g, "")}`, contact.phone));
  if (contact?.email) ways.push(anchor(mailto(contact.email), contact.email));
  byId("contact-ways").replaceChildren(
    ...ways.map((way) => {
      const entry = document.createElement("li");
      entry.append(way);
      return entry;
    }),
  );
}

/** @param {string} email @param {string} [subject] */
export const mailto = (email, subject) =>
  `mailto:${encodeURIComponent(email).replaceAll("%40", "@")}${subject ? `?subject=${encodeURIComponent(subject)}` : ""}`;
