// One call of the API. What a person may decide by is thrown: a refusal, no answer, the session's end.

import { SessionEnded, type Session } from "../session.js";
import type { Problem } from "./schema.js";

const READ_TIMEOUT = 15_000; // milliseconds
const CHANGE_TIMEOUT = 30_000;
const TRIES = 4;
const LONGEST_PAUSE = 10;

/** The API refused, and said why. After a doubt, an earlier sending of the same request may have been taken. */
export class Refused extends Error {
  constructor(
    readonly problem: Problem,
    readonly afterDoubt = false,
  ) {
    super(problem.code);
  }
}

/** No answer, or none that says what happened; `problem` where the API itself said so. */
export class NoAnswer extends Error {
  constructor(
    readonly offline: boolean,
    readonly problem?: Problem,
  ) {
    super("no answer");
  }
}

export { SessionEnded };

export interface Answer<T> {
  content: T;
  headers: Headers;
}

export interface Request {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  /** What the person saw, as If-Match. */
  etag?: string;
  /** The Idempotency-Key of what is made: kept until the answer is there. */
  key?: string;
  signal?: AbortSignal;
  /** Told before each repeat. */
  onDoubt?: (attempt: number) => void;
}

export class Api {
  constructor(
    readonly origin: string,
    readonly session: Session,
  ) {}

  /**
   * Sends the request, and the very same again while no answer says what became of it: a creation has its key, a change
   * its ETag, so a repeat does nothing twice. Throws Refused, NoAnswer, SessionEnded.
   */
  async send<T>(request: Request): Promise<Answer<T>> {
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#once(request);
      if (reply?.ok) return { content: (await reply.json()) as T, headers: reply.headers };
      const problem = reply && (await problemOf(reply));
      if (reply && problem && reply.status < 500 && reply.status !== 429) throw new Refused(problem, attempt > 1);
      if (attempt === TRIES || !navigator.onLine) throw new NoAnswer(!navigator.onLine, problem);
      request.onDoubt?.(attempt);
      await pause(Number(reply?.headers.get("Retry-After")) || attempt, request.signal);
    }
  }

  /** Undefined when there was no answer at all. */
  async #once(request: Request): Promise<Response | undefined> {
    const first = await this.#fetch(request, await this.#token());
    if (first?.status !== 401) return first;
    await this.session.renew().catch(unlessEnded);
    const second = await this.#fetch(request, await this.#token());
    if (second?.status === 401) throw new SessionEnded();
    return second;
  }

  async #token(): Promise<string | undefined> {
    return this.session.token().catch(unlessEnded);
  }

  async #fetch(
    { method, path, body, etag, key, signal }: Request,
    token: string | undefined,
  ): Promise<Response | undefined> {
    if (token === undefined) return undefined;
    const headers: Record<string, string> = { Authorization: `Bearer ${token}`, Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (etag) headers["If-Match"] = etag;
    if (key) headers["Idempotency-Key"] = key;
    const limit = AbortSignal.timeout(method === "GET" ? READ_TIMEOUT : CHANGE_TIMEOUT);
    try {
      return await fetch(this.origin + path, {
        method,
        headers,
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      return undefined;
    }
  }
}

/** The authority that does not answer is like an API that does not. */
function unlessEnded(error: unknown): undefined {
  if (error instanceof SessionEnded) throw error;
  return undefined;
}

async function problemOf(reply: Response): Promise<Problem | undefined> {
  const content: unknown = await reply.json().catch(() => undefined);
  const known = typeof content === "object" && content !== null && typeof (content as Problem).code === "string";
  return known ? (content as Problem) : undefined;
}

function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resume, stop) => {
    const timer = setTimeout(resume, Math.min(seconds, LONGEST_PAUSE) * 1000);
    signal?.addEventListener("abort", () => (clearTimeout(timer), stop(signal.reason)), { once: true });
  });
}
