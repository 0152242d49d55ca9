// Writes the few of Fluent UI's design tokens that a page uses, light and dark: the portal's into a file of their own, the
// wizard's into its one style sheet, since a file more is a request more.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { webDarkTheme, webLightTheme } from "@fluentui/tokens";
import { format, resolveConfig } from "prettier";

const WIZARD = fileURLToPath(new URL("../invitations/page/wizard.css", import.meta.url));
const COLORS = [
  "colorNeutralBackground1",
  "colorNeutralBackground1Hover",
  "colorNeutralBackground2",
  "colorNeutralBackground3",
  "colorNeutralForeground1",
  "colorNeutralForeground2",
  "colorNeutralForeground3",
  "colorNeutralStroke1",
  "colorNeutralStroke2",
  "colorNeutralStrokeAccessible",
  "colorBrandForegroundLink",
  "colorStatusDangerBackground1",
  "colorStatusDangerForeground3",
  "colorStatusWarningBackground1",
  "colorStatusWarningForeground1",
  "colorStatusSuccessForeground1",
  "shadow16",
];
const SHAPES = [
  "fontFamilyBase",
  "fontFamilyMonospace",
  "fontSizeBase200",
  "fontSizeBase300",
  "fontSizeBase400",
  "fontSizeBase500",
  "fontSizeBase600",
  "fontWeightSemibold",
  "lineHeightBase300",
  "lineHeightBase600",
  "borderRadiusMedium",
  "borderRadiusXLarge",
];

const rows = (theme, names) => names.map((name) => `--${name}: ${theme[name]};`).join("\n");

const themes = (shapes, colors) => `:root {
${rows(webLightTheme, [...shapes, ...colors])}
}

@media (prefers-color-scheme: dark) {
:root {
${rows(webDarkTheme, colors)}
}
}

`;

/** @param {string} css @returns {Promise<string>} as `make format` leaves it */
const styled = async (css) => format(css, { ...(await resolveConfig(WIZARD)), parser: "css" });

/** The portal's tokens as they are now. */
export const text = () =>
  styled(`/* Fluent UI's design tokens, made by \`make docs\` from @fluentui/tokens; a test holds them up to date. */
${themes(SHAPES, COLORS)}`);

const WIZARD_COLORS = [
  "colorNeutralBackground1",
  "colorNeutralBackground1Hover",
  "colorNeutralBackground2",
  "colorNeutralForeground1",
  "colorNeutralForeground3",
  "colorNeutralForegroundOnBrand",
  "colorNeutralStroke1",
  "colorNeutralStroke2",
  "colorNeutralStrokeAccessible",
  "colorBrandBackground",
  "colorBrandForegroundLink",
  "colorCompoundBrandStroke",
  "colorStrokeFocus2",
  "colorStatusDangerBackground1",
  "colorStatusDangerBorder1",
  "colorStatusDangerForeground1",
  "colorStatusSuccessBackground1",
  "colorStatusSuccessBorder1",
  "colorStatusSuccessForeground1",
  "colorStatusWarningBackground1",
  "colorStatusWarningBorder1",
  "colorStatusWarningForeground3",
];
const WIZARD_SHAPES = [
  "fontFamilyBase",
  "fontFamilyMonospace",
  "fontWeightSemibold",
  "borderRadiusMedium",
  "borderRadiusXLarge",
];
const BLOCK = /(?<=^\/\* tokens: .*\n)[^]*?(?=^\/\* end of tokens)/m;

/** The wizard's style sheet with its tokens as they are now. */
export const wizard = () =>
  styled(readFileSync(WIZARD, "utf8").replace(BLOCK, () => themes(WIZARD_SHAPES, WIZARD_COLORS)));

if (process.argv[1] === import.meta.filename) {
  writeFileSync(new URL("../portal/src/styles/tokens.css", import.meta.url), await text());
  writeFileSync(WIZARD, await wizard());
  console.log("Written: tokens.css, wizard.css");
}
