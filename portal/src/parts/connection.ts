// What a service's row tells of its registration: whether one was added, and where the onboarding wizard goes on.

import type { ServiceState, ServiceView } from "../api/schema.js";

const ADDED: ServiceState[] = ["validated", "creating", "active"];

/** Whether Add has attached a registration that is still there; only then there are Microsoft 365 settings to read. */
export const hasRegistration = ({ state, invitation }: ServiceView): boolean =>
  ADDED.includes(state) || (state === "authenticated" && invitation.status === "accepted");

/** Whether a new invitation can begin beside, or after, the registration that the service has or had. */
export const mayReinitiate = ({ state, invitation }: ServiceView): boolean =>
  state === "disconnected" || (invitation.status === "accepted" && state !== "cancelled" && state !== "creating");

/** Where the wizard goes on with a service; undefined where an administrator or nobody is expected to act. */
export function nextStep(one: ServiceView): string | undefined {
  if (one.invitation.status === "authenticated") return `/onboarding/${one.id}/registration`;
  if (one.state === "authenticated") return `/onboarding/${one.id}/validation`;
  return one.state === "validated" || one.state === "creating" ? `/onboarding/${one.id}/finish` : undefined;
}
