// One change that somebody has pressed a button for: under way, refused at its place, or done.

import { NoAnswer, Refused } from "../api/call.js";
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
    if (error instanceof Refused) {
      this.code = error.problem.code;
      for (const one of error.problem.errors ?? []) this.fields[one.pointer] = one.detail;
      if (error.problem.status === 412) {
        this.trouble = {
          kind: "refused",
          title: texts.change.changedTitle,
          detail: error.afterDoubt ? texts.change.changedByUs : texts.change.changed,
        };
        return;
      }
    }
    this.trouble = troubleOf(error);
    if (error instanceof NoAnswer && this.trouble.kind === "no-answer") this.code = "no-answer";
  }
}
