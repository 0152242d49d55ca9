// Where the portal's API and sign-in are: /config.json, which belongs to the place where it is served, not to the build.

export interface Config {
  /** The API's origin, such as https://tenantlink.example. */
  api: string;
  /** The OpenID Connect authority, such as https://login.microsoftonline.com/organizations/v2.0. */
  authority: string;
  clientId: string;
  /** The API's scope, such as api://…/Onboarding.Access. */
  scope: string;
}

/** Throws when it cannot be read, or something is missing in it. */
export async function readConfig(): Promise<Config> {
  const reply = await fetch("/config.json");
  if (!reply.ok) throw new Error(`config.json: ${reply.status}`);
  const given = (await reply.json()) as Partial<Record<keyof Config, unknown>>;
  const named = (name: keyof Config): string => {
    const value = given[name];
    if (typeof value !== "string" || !value) throw new Error(`config.json: ${name} is missing`);
    return value;
  };
  return {
    api: named("api").replace(/\/$/, ""),
    authority: named("authority"),
    clientId: named("clientId"),
    scope: named("scope"),
  };
}
