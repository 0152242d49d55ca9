// Where the focus goes when something new is drawn.

import { ref } from "lit/directives/ref.js";

/** In a tag: the element takes the focus when it appears. Lit tells of it just before it stands in the page. */
export const takesFocus = (): ReturnType<typeof ref> => ref(focus);

function focus(element: Element | undefined): void {
  if (element instanceof HTMLElement) queueMicrotask(() => element.focus());
}
