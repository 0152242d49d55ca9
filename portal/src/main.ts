// The portal's start: where the API is, who signs in, and then the page of the address.

import { html, render, type TemplateResult } from "lit";
import { Api, Refused } from "./api/call.js";
import { Calls } from "./api/calls.js";
import { forgetOthers } from "./app/draft.js";
import { enter } from "./app/page.js";
import { showPages } from "./app/shell.js";
import { troubleOf } from "./app/source.js";
import { readConfig } from "./config.js";
import { Session } from "./session.js";
import { language, texts } from "./texts/index.js";

const place = document.getElementById("portal") as HTMLElement;
document.documentElement.lang = language;

void start();

async function start(): Promise<void> {
  place.replaceChildren();
  whole(texts.signIn.signingIn);
  let session: Session;
  let api: Api;
  try {
    const config = await readConfig();
    session = new Session(config);
    api = new Api(config.api, session);
  } catch {
    whole(texts.signIn.configTitle, texts.signIn.configNext);
    return;
  }
  await arrive(session, new Calls(api)).catch(() =>
    whole(
      texts.trouble.noAnswer,
      texts.trouble.noAnswerAtAll,
      button(texts.trouble.retry, () => location.reload()),
    ),
  );
}

async function arrive(session: Session, calls: Calls): Promise<void> {
  const arrival = await session.arrive();
  switch (arrival.kind) {
    case "leaving":
      return;
    case "signed-out":
      return whole(
        texts.signIn.signedOut,
        texts.signIn.signedOutNext,
        button(texts.signIn.first, () => void session.signIn(true)),
      );
    case "refused":
      return whole(
        texts.signIn.refused,
        `${arrival.detail} ${texts.signIn.refusedNext}`,
        button(texts.signIn.again, () => void session.signIn(true)),
      );
    case "signed-in":
      history.replaceState(null, "", arrival.address);
  }
  try {
    enter({ calls, me: await calls.me(), signIn: (choose) => session.signIn(choose) });
  } catch (error) {
    return refuse(error, session);
  }
  forgetOthers();
  showPages(place, () => void session.signOut());
}

function refuse(error: unknown, session: Session): void {
  const trouble = troubleOf(error);
  const other = button(texts.signIn.other, () => void session.signIn(true));
  if (trouble.kind === "session-ended")
    return whole(
      texts.signIn.ended,
      texts.signIn.endedNext,
      button(texts.signIn.again, () => void session.signIn()),
    );
  if (error instanceof Refused && error.problem.code === "not-allowed")
    return whole(texts.signIn.noRole, texts.signIn.noRoleNext, other);
  if (error instanceof Refused) return whole(error.problem.title, error.problem.detail, other);
  addEventListener("online", () => location.reload(), { once: true });
  const [title, detail] =
    trouble.kind === "offline"
      ? [texts.trouble.offline, texts.trouble.offlineNext]
      : [texts.trouble.noAnswer, texts.trouble.noAnswerAtAll];
  whole(
    title,
    detail,
    button(texts.trouble.retry, () => location.reload()),
  );
}

function whole(title: string, detail = "", act: TemplateResult | string = ""): void {
  document.title = `${title} · ${texts.product}`;
  render(
    html`<main class="whole">
      <p class="quiet">${texts.product}</p>
      <h1>${title}</h1>
      <p role="status">${detail}</p>
      <p>${act}</p>
    </main>`,
    place,
  );
}

const button = (label: string, act: () => void): TemplateResult =>
  html`<button class="primary" @click=${act}>${label}</button>`;
