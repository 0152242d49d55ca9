// Step 1: the Add Service drop-down, on both lists.

import { nothing, type TemplateResult } from "lit";
import { mayChange } from "../app/page.js";
import { texts } from "../texts/index.js";
import { menuButton } from "./menu.js";

export const addService = (): TemplateResult | typeof nothing =>
  mayChange()
    ? menuButton(texts.services.add, [{ label: texts.services.directRouting, act: "/onboarding/customer" }], "primary")
    : nothing;
