// What somebody has typed and not sent yet: kept in this tab, for them alone, so that a reload or a sign-in loses
// nothing.

import { here } from "./page.js";

const KEPT = "draft.";

export class Draft<T extends object> {
  readonly values: T;
  readonly #key: string;

  constructor(name: string, empty: T) {
    this.#key = own() + name;
    this.values = { ...empty, ...read(this.#key) };
  }

  set(values: Partial<T>): void {
    Object.assign(this.values, values);
    sessionStorage.setItem(this.#key, JSON.stringify(this.values));
  }

  forget(): void {
    sessionStorage.removeItem(this.#key);
  }
}

/** Drops what others have typed in this tab: somebody has signed in, perhaps with another account than before. */
export function forgetOthers(): void {
  const others = Object.keys(sessionStorage).filter((key) => key.startsWith(KEPT) && !key.startsWith(own()));
  for (const key of others) sessionStorage.removeItem(key);
}

function own(): string {
  const { provider, user } = here().me;
  return `${KEPT}${provider.id}.${user.id}.`;
}

function read(key: string): object {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {};
  }
}
