// Builds the portal into portal/dist: hashed scripts and styles, index.html that names them, and what stands in public/.
// With PORTAL_API, PORTAL_AUTHORITY, PORTAL_CLIENT_ID and PORTAL_SCOPE set, it is built for one place: config.json is
// written, and the policy names the two origins. Without them the place fills both in, as the local cloud does.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const finished = join(here, "dist");
const dist = join(here, `dist-${process.pid}`);

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

mkdirSync(join(dist, "assets"), { recursive: true });
for (const file of result.outputFiles) writeFileSync(file.path.replace(finished, dist), file.contents);
for (const name of readdirSync(join(here, "public"))) copyFileSync(join(here, "public", name), join(dist, name));

const page = readFileSync(join(here, "index.html"), "utf8");
writeFileSync(
  join(dist, "index.html"),
  page.replace("%script%", made("src/main.ts")).replace("%style%", made("src/styles/portal.css")),
);

const { PORTAL_API: api, PORTAL_AUTHORITY: authority, PORTAL_CLIENT_ID: clientId, PORTAL_SCOPE: scope } = process.env;
if (api && authority && clientId && scope) {
  writeFileSync(join(dist, "config.json"), JSON.stringify({ api, authority, clientId, scope }));
  const host = join(dist, "staticwebapp.config.json");
  const filled = readFileSync(host, "utf8")
    .replace("%api%", new URL(api).origin)
    .replace("%authority%", new URL(authority).origin);
  writeFileSync(host, filled);
}
if (existsSync(finished)) rmSync(finished, { recursive: true, force: true });
renameSync(dist, finished); // whoever serves the folder meets the whole of a build

/** The address of what was made from a source file. */
function made(source) {
  const [path] = Object.entries(result.metafile.outputs).find(([, output]) => output.entryPoint === source);
  return `/${relative("dist", path)}`;
}
