// What a value of the form must look like. Pure functions: text in, the tidied value and an error out.

import { _, ngettext } from "./texts.js";

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;
const SHARED_AUTHORITIES = ["common", "organizations", "consumers"];
const INVISIBLE = /[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const WRAPPING = /^[{("'“”‘’<]+|[})"'“”‘’>]+$/g;
const LONGEST_REASON = 500; // characters

/**
 * @typedef {"tenantId" | "clientId" | "secret" | "expiresOn"} FieldName
 * @typedef {Record<FieldName, string>} Values
 */

/**
 * Takes blanks, braces and quotes off a pasted id, and the blanks around a pasted secret (a brace may be part of it).
 * @param {FieldName} field
 * @param {string} text
 */
export function tidy(field, text) {
  if (field === "secret") return text.replace(/^[\s\u200b\ufeff]+|[\s\u200b\ufeff]+$/g, "");
  return text.replace(INVISIBLE, "").replace(WRAPPING, "");
}

/**
 * @param {FieldName} field
 * @param {Values} values tidied
 * @param {string} today the reader's day, YYYY-MM-DD
 * @returns {string | null} what is wrong and what to do, or null
 */
export function errorOf(field, values, today) {
  if (field === "tenantId") return tenantError(values.tenantId);
  if (field === "clientId") return clientError(values.clientId, values.tenantId);
  if (field === "secret") return secretError(values.secret);
  return values.expiresOn && values.expiresOn < today
    ? _("This day is over. A secret that has expired no longer works: make a new one, and enter its Value and its day.")
    : null;
}

/** An error's first sentence, for a list of them. @param {string} error */
export const inShort = (error) => error.match(/^.*?\.(?= \p{Lu})/u)?.[0] ?? error;

/** @param {string} value */
function tenantError(value) {
  if (!value) return _("Enter the Directory (tenant) ID from the registration's page Overview.");
  if (SHARED_AUTHORITIES.includes(value.toLowerCase()))
    return _("“{value}” stands for any tenant. Enter the Directory (tenant) ID of yours.", { value });
  if (GUID.test(value) || DOMAIN.test(value)) return null;
  return _(
    "This is neither a tenant ID nor a domain name. A tenant ID looks like 0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d: 32 " +
      "digits and letters from a to f, in five groups.",
  );
}

/** @param {string} value @param {string} tenantId */
function clientError(value, tenantId) {
  if (!value) return _("Enter the Application (client) ID from the registration's page Overview.");
  if (!GUID.test(value))
    return _(
      "This is not an application ID. An application ID looks like 0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d: 32 digits and " +
        "letters from a to f, in five groups.",
    );
  if (value.toLowerCase() === tenantId.toLowerCase())
    return _(
      "This is the same value as the tenant ID above. Enter the Application (client) ID from the Overview page.",
    );
  return null;
}

/** @param {string} value */
function secretError(value) {
  if (!value) return _("Enter the client secret: the text in the column Value under Certificates & secrets.");
  if (GUID.test(value))
    return _(
      "This looks like the Secret ID. Enter the text in the column Value; if Entra no longer shows it, make a new " +
        "client secret.",
    );
  if (value.includes("***"))
    return _(
      "This is the shortened form that Entra shows later on. The whole Value is shown only right after the secret " +
        "was made: make a new client secret.",
    );
  if (/\s/.test(value))
    return _("There is a blank inside. A client secret has none: copy the text in the column Value again.");
  if (!/^[\x21-\x7e]{8,256}$/.test(value))
    return _(
      "This is too short or too long for a client secret, or holds a character that none has: copy the text in the " +
        "column Value again.",
    );
  return null;
}

/** One line of visible characters: the provider reads it in a list. @param {string} text */
export const tidyReason = (text) =>
  text
    .replace(/[\s\p{Cc}]+/gu, " ")
    .replace(/[\p{Cf}\ufe00-\ufe0f]/gu, "")
    .trim();

/** @param {string} reason tidied @returns {string | null} what is wrong and what to do, or null */
export function reasonError(reason) {
  const length = [...reason].length;
  if (length <= LONGEST_REASON) return null;
  return ngettext(
    "This has {count} character, and there is room for {most}. Shorten it.",
    "This has {count} characters, and there is room for {most}. Shorten it.",
    length,
    { most: String(LONGEST_REASON) },
  );
}
