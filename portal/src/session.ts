// Who is signed in: OpenID Connect's code flow with PKCE, by oidc-client-ts. The tokens live in this tab's session
// storage, so that a reload keeps them and a closed tab forgets them.

import { ErrorResponse, UserManager, WebStorageStateStore, type User } from "oidc-client-ts";
import type { Config } from "./config.js";

const SIGNED_OUT = "signed-out";
const OIDC = "oidc."; // oidc-client-ts needs its own until the session has ended
const RENEW_BEFORE = 60; // seconds

/** Nobody is signed in any more; only a person can mend it. */
export class SessionEnded extends Error {}

/** What the sign-in came to: an address to go on at, a person who signed out, or words of the authority that refused. */
export type Arrival =
  | { kind: "signed-in"; address: string }
  | { kind: "signed-out" }
  | { kind: "refused"; detail: string }
  | { kind: "leaving" };

export class Session {
  readonly #manager: UserManager;
  #renewing: Promise<User> | undefined;

  constructor(config: Config) {
    const home = `${location.origin}/`;
    this.#manager = new UserManager({
      authority: config.authority,
      client_id: config.clientId,
      redirect_uri: home,
      post_logout_redirect_uri: home,
      scope: `openid profile offline_access ${config.scope}`,
      userStore: new WebStorageStateStore({ store: sessionStorage }),
      stateStore: new WebStorageStateStore({ store: sessionStorage }),
      automaticSilentRenew: false,
      loadUserInfo: false,
      monitorSession: false,
    });
  }

  /** Takes up the session of this tab, or what the authority has just answered, or leaves for it. */
  async arrive(): Promise<Arrival> {
    const asked = new URLSearchParams(location.search);
    if (location.pathname === "/" && asked.has("state") && (asked.has("code") || asked.has("error")))
      return this.#answer();
    if (sessionStorage.getItem(SIGNED_OUT)) {
      history.replaceState(null, "", "/");
      return { kind: "signed-out" };
    }
    if (await this.#manager.getUser()) return { kind: "signed-in", address: location.pathname + location.search };
    await this.signIn();
    return { kind: "leaving" };
  }

  async #answer(): Promise<Arrival> {
    try {
      const user = await this.#manager.signinRedirectCallback();
      return { kind: "signed-in", address: typeof user.state === "string" ? user.state : "/" };
    } catch (error) {
      history.replaceState(null, "", "/");
      return { kind: "refused", detail: error instanceof Error ? error.message : "" };
    }
  }

  /** Leaves for the authority; comes back to this address. */
  async signIn(choose = false): Promise<void> {
    sessionStorage.removeItem(SIGNED_OUT);
    await this.#manager.signinRedirect({
      state: location.pathname + location.search,
      ...(choose ? { prompt: "select_account" } : {}),
    });
  }

  /** Forgets the tokens here and what was typed and not sent, and ends the session at the authority. */
  async signOut(): Promise<void> {
    const typed = Object.keys(sessionStorage).filter((key) => !key.startsWith(OIDC));
    for (const key of typed) sessionStorage.removeItem(key);
    sessionStorage.setItem(SIGNED_OUT, "yes");
    await this.#manager.signoutRedirect();
  }

  /** A token that is good for another minute. Throws SessionEnded; a TypeError when the authority cannot be reached. */
  async token(): Promise<string> {
    const user = await this.#manager.getUser();
    if (!user) throw new SessionEnded();
    return (user.expires_in ?? RENEW_BEFORE) >= RENEW_BEFORE ? user.access_token : (await this.renew()).access_token;
  }

  /** One renewal at a time, for all who ask. Throws as `token` does. */
  renew(): Promise<User> {
    this.#renewing ??= this.#renewed().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #renewed(): Promise<User> {
    const before = await this.#manager.getUser();
    if (!before?.refresh_token) throw new SessionEnded(); // without one the library would open a frame
    try {
      const user = await this.#manager.signinSilent();
      if (user) return user;
    } catch (error) {
      if (!(error instanceof ErrorResponse)) throw error;
    }
    throw new SessionEnded();
  }
}
