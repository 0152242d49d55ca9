// What the form accepts, as tables.

import assert from "node:assert/strict";
import { test } from "node:test";

import { errorOf, inShort, reasonError, tidy, tidyReason } from "../../invitations/page/rules.js";

const TENANT = "33333333-aaaa-4bbb-8ccc-000000000001";
const CLIENT = "b0000000-0000-4000-8000-000000000001";
const SECRET = "Tq18Q~abcdefghijklmnopqrstuvwxyz01234567";
const GOOD = { tenantId: TENANT, clientId: CLIENT, secret: SECRET, expiresOn: "" };
const TODAY = "2026-11-24";

const PASTED = [
  ["tenantId", `  ${TENANT}\n`, TENANT],
  ["tenantId", `{${TENANT}}`, TENANT],
  ["clientId", `"${CLIENT}"`, CLIENT],
  ["clientId", `\u200b${CLIENT}\ufeff`, CLIENT],
  ["secret", `\t${SECRET} `, SECRET],
  ["secret", `{${SECRET}}`, `{${SECRET}}`], // a brace may be part of a secret
];
for (const [field, pasted, tidied] of PASTED)
  test(`what stands around a pasted ${field} is taken off: ${JSON.stringify(pasted)}`, () =>
    assert.equal(tidy(field, pasted), tidied));

const ACCEPTED = [
  {},
  { tenantId: TENANT.toUpperCase() },
  { tenantId: "contoso.onmicrosoft.com" },
  { expiresOn: TODAY },
  { expiresOn: "2027-12-31" },
];
for (const change of ACCEPTED)
  test(`accepted: ${JSON.stringify(change)}`, () => {
    for (const field of Object.keys(GOOD)) assert.equal(errorOf(field, { ...GOOD, ...change }, TODAY), null);
  });

const REFUSED = [
  ["tenantId", "", /Enter the Directory/],
  ["tenantId", "common", /stands for any tenant/],
  ["tenantId", "ORGANIZATIONS", /stands for any tenant/],
  ["tenantId", "33333333-aaaa-4bbb-8ccc-00000000000", /neither a tenant ID nor a domain/],
  ["tenantId", "../x", /neither a tenant ID nor a domain/],
  ["clientId", "", /Enter the Application/],
  ["clientId", "contoso.com", /not an application ID/],
  ["clientId", TENANT, /same value/],
  ["secret", "", /Enter the client secret/],
  ["secret", CLIENT, /looks like the Secret ID/],
  ["secret", "Tq1***********", /shortened form/],
  ["secret", "two words8Q~", /a blank inside/],
  ["secret", "short", /too short or too long/],
  ["secret", "pässword8Q~", /a character that none has/],
  ["expiresOn", "2026-11-23", /This day is over/],
];
for (const [field, value, says] of REFUSED)
  test(`${field} ${JSON.stringify(value)} is refused with what to do`, () =>
    assert.match(errorOf(field, { ...GOOD, [field]: value }, TODAY), says));

const SHORT = [
  ["This is not an ID. An ID looks like 0a1b.", "This is not an ID."],
  ["Esto no es un id. de inquilino. Un id. tiene la forma 0a1b.", "Esto no es un id. de inquilino."],
  ["Enter the Value", "Enter the Value"],
];
for (const [error, short] of SHORT)
  test(`in a list of errors stands the first sentence: ${error}`, () => assert.equal(inShort(error), short));

const REASONS = [
  ["  We use\n\tanother  provider. ", "We use another provider."],
  ["a\u0000b\u200bc\ufeff", "a bc"], // what nobody can see
  ["❤\ufe0f", "❤"],
  [" \r\n ", ""],
];
for (const [typed, tidied] of REASONS)
  test(`a reason is sent as one visible line: ${JSON.stringify(typed)}`, () => assert.equal(tidyReason(typed), tidied));

for (const [reason, says] of [
  ["", null],
  ["x".repeat(500), null],
  ["😀".repeat(500), null],
  ["x".repeat(501), /501 characters/],
])
  test(`a reason of ${[...reason].length} characters ${says ? "is too long" : "fits"}`, () =>
    says ? assert.match(reasonError(reason), says) : assert.equal(reasonError(reason), null));
