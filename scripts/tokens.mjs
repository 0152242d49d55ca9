// Writes portal/src/styles/tokens.css: the few of Fluent UI's design tokens that the portal uses, light and dark.

import { writeFileSync } from "node:fs";
import { webDarkTheme, webLightTheme } from "@fluentui/tokens";

const COLORS = [
  "colorNeutralBackground1", "colorNeutralBackground1Hover", "colorNeutralBackground2", "colorNeutralBackground3", "colorNeutralForeground1",
  "colorNeutralForeground2", "colorNeutralForeground3", "colorNeutralStroke1", "colorNeutralStroke2", "colorNeutralStrokeAccessible",
  "colorBrandForegroundLink", "colorStatusDangerBackground1", "colorStatusDangerForeground1", "colorStatusWarningBackground1",
  "colorStatusWarningForeground1", "colorStatusSuccessForeground1", "shadow16",
];
const SHAPES = [
  "fontFamilyBase", "fontFamilyMonospace", "fontSizeBase200", "fontSizeBase300", "fontSizeBase400", "fontSizeBase500", "fontSizeBase600",
  "fontWeightSemibold", "lineHeightBase300", "lineHeightBase600", "borderRadiusMedium", "borderRadiusXLarge",
];

const rows = (theme, names) => names.map((name) => `  --${name}: ${theme[name]};`).join("\n");

export const text = () => `/* Fluent UI's design tokens, made by \`make docs\` from @fluentui/tokens; a test holds them up to date. */
:root {
${rows(webLightTheme, [...SHAPES, ...COLORS])}
}
@media (prefers-color-scheme: dark) {
  :root {
${rows(webDarkTheme, COLORS).replace(/^/gm, "  ")}
  }
}
`;

if (process.argv[1] === import.meta.filename) {
  writeFileSync(new URL("../portal/src/styles/tokens.css", import.meta.url), text());
  console.log("Written: tokens.css");
}
