// Builds the portal into portal/dist: hashed scripts and styles, index.html that names them, and what stands in public/.

import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "dist");

const result = await build({
  absWorkingDir: here,
  entryPoints: { portal: "src/main.ts", style: "src/styles/portal.css" },
  outdir: "dist/assets",
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  write: false,
  metafile: true,
});

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, "assets"), { recursive: true });
for (const file of result.outputFiles) writeFileSync(file.path, file.contents);
for (const name of readdirSync(join(here, "public"))) copyFileSync(join(here, "public", name), join(dist, name));

const page = readFileSync(join(here, "index.html"), "utf8");
writeFileSync(join(dist, "index.html"), page.replace("%script%", made("src/main.ts")).replace("%style%", made("src/styles/portal.css")));

/** The address of what was made from a source file. */
function made(source) {
  const [path] = Object.entries(result.metafile.outputs).find(([, output]) => output.entryPoint === source);
  return `/${relative("dist", path)}`;
}
