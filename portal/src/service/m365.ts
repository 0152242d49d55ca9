// The Microsoft 365 settings: health in one sentence, the secret, the permissions, the last check.

import { html, nothing, type TemplateResult } from "lit";
import type { M365View } from "../api/schema.js";
import { checkList, isRunning } from "../parts/checks.js";
import { badge, type Tone } from "../parts/icons.js";
import { dayOf, inWords } from "../parts/times.js";
import { texts } from "../texts/index.js";

const words = texts.service;
const LONGEST = 730; // days: a client secret lives 24 months at most
const SOON = 30;

export function m365(value: M365View, acts: TemplateResult): TemplateResult {
  const check = html`<section class="card">
    <h2>${texts.check.items}</h2>
    ${value.check ? checkList(value.check) : texts.onboarding.none}
  </section>`;
  return html`${health(value)}
    <p class="actions">${acts}</p>
    <div class="cards">${check}${secret(value)}${permissions(value)}${tenant(value)}</div>`;
}

/** Its end, and how much of the longest life it can have is left. */
function secret(value: M365View): TemplateResult {
  const { secretDaysUntilExpire: days, secretExpiryUnknownWhy: why } = value;
  return html`<section class="card">
    <h2>${texts.onboarding.secret}</h2>
    <dl class="facts">
      <dt>${texts.onboarding.secret}</dt>
      <dd>${value.secretHint ? texts.onboarding.secretHint(value.secretHint) : texts.onboarding.secretNever}</dd>
      <dt>${texts.onboarding.secretEnds}</dt>
      <dd>${expiry(value)}</dd>
      <dt>${words.daysUntil}</dt>
      <dd>${days === null ? `${texts.onboarding.unknown}${why ? `: ${why}` : ""}` : life(days)}</dd>
      <dt>${texts.onboarding.cameBy}</dt>
      <dd>${texts.states.channel[value.channel]}</dd>
    </dl>
  </section>`;
}

function expiry({ secretExpiresOn: ends, secretExpiresSource: source }: M365View): string {
  if (!ends) return texts.onboarding.unknown;
  return `${dayOf(ends)}, ${source === "typed" ? words.typed : words.read}`;
}

const life = (days: number): TemplateResult =>
  html`${days}
    <meter
      class="life"
      aria-label=${words.life}
      title=${words.lifeOf(days, LONGEST)}
      min="0"
      max=${LONGEST}
      low=${SOON}
      optimum=${LONGEST}
      value=${Math.min(days, LONGEST)}
    ></meter>`;

function tenant(value: M365View): TemplateResult {
  return html`<section class="card">
    <h2>${texts.onboarding.tenant}</h2>
    <dl class="facts">
      <dt>${texts.onboarding.tenant}</dt>
      <dd>${value.tenantName ?? texts.onboarding.unknown}</dd>
      <dt>${texts.onboarding.domains}</dt>
      <dd>${value.verifiedDomains.join(", ") || texts.onboarding.unknown}</dd>
      <dt>${texts.onboarding.tenantId}</dt>
      <dd><code>${value.tenantId}</code></dd>
      <dt>${texts.onboarding.clientId}</dt>
      <dd><code>${value.applicationId}</code></dd>
      <dt>${texts.onboarding.application}</dt>
      <dd>${value.applicationName ?? texts.onboarding.unknown}</dd>
    </dl>
  </section>`;
}

/** What the application's latest token held, and what it lacked of what was asked for. */
function permissions({ permissions, missingPermissions, directoryRoles }: M365View): TemplateResult {
  const list = (entries: TemplateResult[]): TemplateResult =>
    html`<ul class="plain">
      ${entries.length ? entries : html`<li>${texts.onboarding.none}</li>`}
    </ul>`;
  return html`<section class="card">
    <h2>${texts.onboarding.permissions}</h2>
    <h3>${words.granted}</h3>
    ${list(permissions.map((one) => html`<li>${badge("good", one)}</li>`))}
    <h3>${words.missing}</h3>
    ${list(missingPermissions.map(({ name, detail }) => html`<li>${badge("warning", `${name}:`)} ${detail}</li>`))}
    <h3>${texts.onboarding.directoryRoles}</h3>
    ${list(directoryRoles.map((one) => html`<li>${one}</li>`))}
  </section>`;
}

/** "Works. Last checked 2 minutes ago. The secret expires in 41 days." */
function health({ check, secretDaysUntilExpire: days, reason }: M365View): TemplateResult {
  const finished = check?.finishedAt;
  const works = check?.outcome === "passed" && !reason;
  const [tone, word]: [Tone, string] = !finished
    ? ["waiting", isRunning(check) ? words.checking : words.notKnown]
    : works
      ? ["good", words.works]
      : ["bad", words.broken];
  const secret = days === null ? words.secretUnknown : words.secretIn(days);
  return html`<p class="health" role="status">
    ${badge(tone, word)} ${finished ? words.lastChecked(inWords(finished)) : nothing} ${secret}
    ${reason && !works ? reason.detail : nothing}
  </p>`;
}
