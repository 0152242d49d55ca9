// A button that opens a menu, by the menu button pattern of the ARIA Authoring Practices: arrows, Home, End, Escape.

import { LitElement, html, type TemplateResult } from "lit";

export interface Entry {
  label: string;
  /** An address to open, or what to do. */
  act: string | (() => void);
}

let numbers = 0;

export class MenuButton extends LitElement {
  static override properties = { label: {}, entries: { attribute: false }, look: {}, name: {} };
  declare label: string;
  declare entries: Entry[];
  /** The button's classes. */
  declare look: string;
  /** What the menu is for, where the label alone does not say it. */
  declare name: string;
  readonly #id = `menu-${++numbers}`;

  constructor() {
    super();
    Object.assign(this, { label: "", entries: [], look: "", name: "" });
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override render(): TemplateResult {
    return html`<button
        class=${this.look}
        aria-haspopup="menu"
        aria-expanded="false"
        aria-label=${this.name || this.label}
        popovertarget=${this.#id}
        @keydown=${this.#fromButton}
      >
        ${this.label}<span class="chevron" aria-hidden="true"></span>
      </button>
      <div
        class="menu"
        id=${this.#id}
        popover
        role="menu"
        aria-label=${this.name || this.label}
        @toggle=${this.#toggled}
        @keydown=${this.#keys}
      >
        ${this.entries.map((entry) =>
          typeof entry.act === "string"
            ? html`<a role="menuitem" tabindex="-1" href=${entry.act} @click=${this.#close}>${entry.label}</a>`
            : html`<button
                role="menuitem"
                tabindex="-1"
                @click=${() => {
                  this.#close();
                  (entry.act as () => void)();
                }}
              >
                ${entry.label}
              </button>`,
        )}
      </div>`;
  }

  get #button(): HTMLElement {
    return this.querySelector("button") as HTMLElement;
  }

  get #menu(): HTMLElement {
    return this.querySelector(".menu") as HTMLElement;
  }

  get #items(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[role=menuitem]")];
  }

  readonly #close = (): void => this.#menu.hidePopover();

  readonly #fromButton = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    this.#menu.showPopover();
  };

  readonly #toggled = (event: ToggleEvent): void => {
    const open = event.newState === "open";
    this.#button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const place = this.#button.getBoundingClientRect();
    const menu = this.#menu;
    menu.style.top = `${Math.min(place.bottom + 2, innerHeight - menu.offsetHeight - 4)}px`;
    menu.style.left = `${Math.max(4, Math.min(place.left, innerWidth - menu.offsetWidth - 4))}px`;
    this.#items[0]?.focus();
  };

  readonly #keys = (event: KeyboardEvent): void => {
    const items = this.#items;
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Tab") this.#close();
    if (to === undefined) return;
    event.preventDefault();
    items.at(to % items.length)?.focus();
  };
}

customElements.define("menu-button", MenuButton);

export const menuButton = (label: string, entries: Entry[], look = "", name = ""): TemplateResult =>
  html`<menu-button .label=${label} .entries=${entries} .look=${look} .name=${name}></menu-button>`;
