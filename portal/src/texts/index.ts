// The portal's texts in the reader's language. A language is one file with the shape of en.ts, listed here.

import { en, type Texts } from "./en.js";

const LANGUAGES: Record<string, Texts> = { en };

const wanted =
  navigator.languages.map((language) => language.split("-")[0] ?? "").find((language) => language in LANGUAGES) ?? "en";

export const texts: Texts = LANGUAGES[wanted] ?? en;
export const language = wanted;

/** Dates and numbers as the reader writes them: their own region's form where it has the language of the texts. */
export const locale = navigator.languages.find((one) => one.split("-")[0] === language) ?? language;
