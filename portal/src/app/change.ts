// One change that somebody has pressed a button for: under way, refused at its place, or done.

import { Refused } from "../api/call.js";
import { texts } from "../texts/index.js";
import { announce } from "./announce.js";
import { troubleOf, type Trouble } from "./source.js";

export interface FieldErrors {
  [pointer: string]: string;
}

export class Change {
  busy = false;
  /** Said beside the button while an answer is missing. */
  doubt = "";
  trouble: Trouble | undefined;
  fields: FieldErrors = {};
  /** The code of the refusal, for pages that decide by it. */
  code = "";

  constructor(readonly changed: () => void) {}

  /**
   * Does it, once at a time; undefined when it was not done, and `trouble` or `fields` say why.
   * @param act sends the request, and passes `onDoubt` on
   */
  async run<T>(act: (onDoubt: () => void) => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined;
    Object.assign(this, { busy: true, doubt: "", trouble: undefined, fields: {}, code: "" });
    this.changed();
    try {
      return await act(() => {
        this.doubt = texts.change.doubt;
        announce(this.doubt);
        this.changed();
      });
    } catch (error) {
      this.#failed(error);
      return undefined;
    } finally {
      this.busy = false;
      this.doubt = "";
      this.changed();
    }
  }

  #failed(error: unknown): void {
    if (error instanceof Refused) this.#refused(error);
    else this.trouble = this.#unknown(troubleOf(error));
  }

  #refused(error: Refused): void {
    const { code, status, errors } = error.problem;
    this.code = code;
    for (const one of errors ?? []) this.fields[one.pointer] = one.detail;
    if (status === 412)
      this.trouble = {
        kind: "changed",
        detail: error.afterDoubt ? texts.change.changedByUs : texts.change.changedNext,
      };
    else if (errors?.length) this.trouble = { kind: "refused", title: texts.change.fields, detail: summary(errors) };
    else this.trouble = troubleOf(error);
  }

  /** Without an answer nobody knows whether it was done; offline, nothing was sent. */
  #unknown(trouble: Trouble): Trouble {
    return trouble.kind === "no-answer" ? { ...trouble, kind: "unknown" } : trouble;
  }
}

/** Each fault in words, above the fields: a field may stand on an earlier step. */
const summary = (errors: { detail: string }[]): string =>
  [...errors.map(({ detail }) => detail), texts.change.fieldsNext].join(" ");
