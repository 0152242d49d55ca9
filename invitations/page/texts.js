// The scripts' texts in the reader's language. English stands in the scripts, and each text is looked up by it in what
// the page brings along.

/** @type {Record<string, string | Partial<Record<Intl.LDMLPluralRule, string>>>} */
const texts = JSON.parse(globalThis.document?.getElementById("texts")?.textContent || "{}");

/** The page's language, as the API is asked to answer in it. */
export const LANGUAGE = globalThis.document?.documentElement.lang || "en";

/** How dates and numbers are written. The English of this page is British. */
export const LOCALE = LANGUAGE === "en" ? "en-GB" : LANGUAGE;

const plurals = new Intl.PluralRules(LOCALE);
const numbers = new Intl.NumberFormat(LOCALE);

/**
 * @param {string} message English, with gaps such as {name}
 * @param {Record<string, string>} [given] what fills the gaps
 */
export function _(message, given = {}) {
  const found = texts[message];
  return fill(typeof found === "string" ? found : message, given);
}

/**
 * A text that depends on a number, which fills its gap {count}.
 * @param {string} one English for 1 @param {string} many English for the others @param {number} count
 * @param {Record<string, string>} [given]
 */
export function ngettext(one, many, count, given = {}) {
  const found = texts[one];
  const forms = typeof found === "object" ? found : { one, other: many };
  const text = forms[plurals.select(count)] ?? forms.other ?? many;
  return fill(text, { count: numbers.format(count), ...given });
}

/** @param {string} text @param {Record<string, string>} given */
const fill = (text, given) => text.replace(/\{(\w+)\}/g, (gap, name) => given[name] ?? gap);
