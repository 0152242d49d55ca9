// In which language an administrator is written to: one of those that this installation has.

import type { TemplateResult } from "lit";
import type { NewService } from "../api/schema.js";
import { here } from "../app/page.js";
import { texts } from "../texts/index.js";
import { select } from "./field.js";

export type Language = NonNullable<NewService["language"]>;

/** What the API answers is what it takes. */
export const languageOf = ({ language }: { language: string }): Language => language as Language;

export function languageChoice(id: string, value: Language, onChange: (language: Language) => void): TemplateResult {
  return select({
    id,
    label: texts.fields.language,
    value,
    help: texts.fields.languageHelp,
    names: here().me.languages.map(({ code, name }) => [languageOf({ language: code }), name]),
    onChange,
  });
}
