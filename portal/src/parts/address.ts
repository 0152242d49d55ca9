// The invited address, or that it was deleted.

import { html, type TemplateResult } from "lit";
import { texts } from "../texts/index.js";

export const addressInWords = (address: string | null): string => address ?? texts.fields.deleted;

export const addressShown = (address: string | null): string | TemplateResult =>
  address ?? html`<span class="quiet">${texts.fields.deleted}</span>`;
