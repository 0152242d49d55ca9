// What every page of the portal is: an element without a shadow tree, which draws itself again when told to.

import { LitElement, type TemplateResult } from "lit";
import type { Calls } from "../api/calls.js";
import type { Me } from "../api/schema.js";
import type { Source } from "./source.js";

/** What the pages share: the calls, and who is signed in. */
export interface Context {
  calls: Calls;
  me: Me;
  signIn: (choose?: boolean) => Promise<void>;
}

let context: Context | undefined;

export const enter = (given: Context): void => void (context = given);

export function here(): Context {
  if (!context) throw new Error("nobody is signed in yet");
  return context;
}

/** Names the page in the browser's tab and for screen readers. */
export const setTitle = (title: string): void => void (document.title = `${title} · ${here().me.provider.name}`);

export const mayChange = (): boolean => here().me.role === "operator";

export abstract class Page extends LitElement {
  /** What the page loads; started and stopped with it. */
  protected readonly sources: Pick<Source<unknown>, "start" | "stop">[] = [];
  readonly redraw = (): void => this.requestUpdate();

  abstract override render(): TemplateResult;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    for (const source of this.sources) source.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const source of this.sources) source.stop();
  }
}
