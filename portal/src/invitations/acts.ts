// What an operator can do with an invitation, by its state: resend, copy a link, extend, revoke, try its work now.

import type { InvitationRow, Mend } from "../api/schema.js";
import type { Entry } from "../parts/menu.js";
import { texts } from "../texts/index.js";

export type Act = "resend" | "copy" | "extend" | "revoke" | "wake";

const words = texts.invitations;
export const ENDED = ["expired", "revoked", "declined", "locked"];

/** What the invitation's state allows, as the API has it. */
export function actsOf(row: InvitationRow): Act[] {
  const open = row.status === "pending" || row.status === "validating";
  const wakes: Mend[] = row.attention?.calls ?? [];
  return [
    ...(wakes.includes("wake_owed") && row.attention?.work ? (["wake"] as const) : []),
    ...(row.status === "accepted" ? [] : (["resend"] as const)),
    ...(open ? (["copy", "extend"] as const) : []),
    ...(open || row.status === "authenticated" || (ENDED.includes(row.status) && row.status !== "revoked")
      ? (["revoke"] as const)
      : []),
  ];
}

/** The API's name of each act, where it mends something. */
export const MENDS: Record<Act, Mend | undefined> = {
  resend: "resend_invitation",
  copy: "copy_link",
  extend: undefined,
  revoke: "revoke_invitation",
  wake: "wake_owed",
};

export const actEntries = (row: InvitationRow, begin: (act: Act) => void): Entry[] =>
  actsOf(row).map((act) => ({ label: labelOf(act), act: () => begin(act) }));

export const labelOf = (act: Act): string =>
  ({ resend: words.resend, copy: words.copy, extend: words.extend, revoke: words.revoke, wake: words.wake })[act];
