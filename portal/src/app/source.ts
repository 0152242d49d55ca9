// What a page shows from the API: loaded, refreshed by itself while somebody looks, kept when a refresh fails.

import { NoAnswer, Refused, SessionEnded } from "../api/call.js";
import type { Listed } from "../api/calls.js";

/** Why something could not be loaded, as the page tells it. */
export type Trouble =
  | { kind: "offline" }
  | { kind: "no-answer"; reference?: string }
  | { kind: "session-ended" }
  | { kind: "not-found" }
  | { kind: "no-permission"; detail: string }
  /** A change of which nobody knows whether it was done. */
  | { kind: "unknown"; reference?: string }
  /** A change of something that was not as it was seen. */
  | { kind: "changed"; detail: string }
  | { kind: "refused"; title: string; detail: string };

/** Throws what is no answer of the API: a mistake of ours. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof SessionEnded) return { kind: "session-ended" };
  if (error instanceof NoAnswer) {
    if (error.offline) return { kind: "offline" };
    const reference = error.problem?.reference;
    return { kind: "no-answer", ...(reference ? { reference } : {}) };
  }
  if (error instanceof Refused) {
    const { status, title, detail } = error.problem;
    if (status === 404) return { kind: "not-found" };
    return status === 403 ? { kind: "no-permission", detail } : { kind: "refused", title, detail };
  }
  throw error;
}

export class Source<T> {
  value: T | undefined;
  trouble: Trouble | undefined;
  /** When the value was loaded, milliseconds since 1970. */
  loadedAt = 0;
  #stopped = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loading = false;
  #again = false;

  /**
   * @param load reads it
   * @param changed draws the page again
   * @param every milliseconds until the next refresh, by what is there now
   */
  constructor(
    readonly load: (signal: AbortSignal) => Promise<T>,
    readonly changed: () => void,
    readonly every: (value: T | undefined) => number,
  ) {}

  start(): void {
    this.#stopped = new AbortController();
    const { signal } = this.#stopped;
    document.addEventListener("visibilitychange", () => !document.hidden && void this.refresh(), { signal });
    addEventListener("online", () => void this.refresh(), { signal });
    addEventListener("offline", this.changed, { signal });
    void this.refresh();
  }

  stop(): void {
    this.#stopped.abort();
    clearTimeout(this.#timer);
  }

  /** Reads again, now; one reading at a time. What is asked for meanwhile, another filter perhaps, is read after it. */
  async refresh(): Promise<void> {
    this.#again = true;
    if (this.#loading) return;
    this.#loading = true;
    const { signal } = this.#stopped;
    while (this.#again && !signal.aborted) {
      this.#again = false;
      await this.#read(signal);
    }
    this.#loading = false;
    if (!signal.aborted) this.#await();
  }

  async #read(signal: AbortSignal): Promise<void> {
    try {
      const value = await this.load(signal);
      if (!this.#again) this.put(value);
    } catch (error) {
      if (signal.aborted) return;
      this.trouble = troubleOf(error);
      this.changed();
    }
  }

  /** What a change answered is the newest there is. */
  put(value: T): void {
    this.value = value;
    this.trouble = undefined;
    this.loadedAt = Date.now();
    this.changed();
  }

  #await(): void {
    clearTimeout(this.#timer);
    if (this.trouble?.kind === "session-ended" || this.trouble?.kind === "not-found") return;
    this.#timer = setTimeout(() => (document.hidden ? this.#await() : void this.refresh()), this.every(this.value));
  }
}

/** The rows of a list as far as the reader has loaded them. */
export interface Rows<T> {
  rows: T[];
  nextLink: string | null;
}

/** Reads as many pages as the reader has opened; a filtered page may be empty and still have a next one. */
export async function pages<T>(
  first: Promise<Listed<T>>,
  wanted: number,
  next: (link: string) => Promise<Listed<T>>,
): Promise<Rows<T>> {
  let { value, nextLink } = await first;
  const rows = [...value];
  while (nextLink && rows.length < wanted) {
    ({ value, nextLink } = await next(nextLink));
    rows.push(...value);
  }
  return { rows, nextLink };
}
