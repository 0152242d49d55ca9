// An element that is one dialog: open as soon as it is drawn, and gone when somebody closes it.

import { LitElement } from "lit";

/** Tells `done` when it closes. Its `dialog` listens to `close` with `closed`, and to `cancel` with `escaped`. */
export abstract class DialogElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override firstUpdated(): void {
    this.querySelector("dialog")?.showModal();
  }

  /**
   * Closes it, and tells so at once: the dialog's own event comes a moment after the focus is back on the button that
   * has opened it, and whoever presses that again meanwhile would see nothing happen.
   */
  protected close(): void {
    this.querySelector("dialog")?.close();
    this.closed();
  }

  protected readonly closed = (): void => {
    if (this.isConnected) this.dispatchEvent(new CustomEvent("done", { bubbles: true })); // else it was told before
  };

  protected readonly escaped = (event: Event): void => {
    event.preventDefault();
    this.close();
  };
}
