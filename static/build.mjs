/**
 * Builds static/dist/: style sheets, scripts, icon sprite, font and small pictures, each under a name that carries its
 * own hash, with gzip and brotli copies beside it, and manifest.json (plain name -> hashed name) for the server.
 *
 * The one idea: everything a page asks for is immutable and comes from us, so it may be cached for a year.
 * Style sheets name other files as url("asset:<plain name>"); the hashed names are written in here.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";
import { checkContrast } from "./contrast.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const packages = path.join(root, "node_modules");
const dist = path.join(here, "dist");
const browsers = ["chrome109", "firefox115", "safari16"];
const compressible = new Set([".css", ".js", ".svg"]);

const manifest = {};
const sizes = [];

async function emit(name, content) {
  const body = Buffer.isBuffer(content) ? content : Buffer.from(content, "utf8");
  const extension = path.extname(name);
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 12);
  const hashed = `${name.slice(0, -extension.length)}.${hash}${extension}`;
  await writeFile(path.join(dist, hashed), body);
  let packed = body.length;
  if (compressible.has(extension)) {
    const gzipped = gzipSync(body, { level: 9 });
    packed = gzipped.length;
    await writeFile(path.join(dist, `${hashed}.gz`), gzipped);
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } };
    await writeFile(path.join(dist, `${hashed}.br`), brotliCompressSync(body, options));
  }
  manifest[name] = hashed;
  sizes.push([name, body.length, packed]);
}

async function buildFont() {
  const file = "@fontsource-variable/plus-jakarta-sans/files/plus-jakarta-sans-latin-wght-normal.woff2";
  await emit("plus-jakarta-sans.woff2", await readFile(path.join(packages, file)));
}

async function buildPictures() {
  const folder = path.join(here, "img");
  for (const name of (await readdir(folder)).sort()) {
    if (/\.(svg|png)$/.test(name)) await emit(name, await readFile(path.join(folder, name)));
  }
}

/** One symbol per icon named in icons.json, plus our own mark. */
async function buildSprite() {
  const names = JSON.parse(await readFile(path.join(here, "icons.json"), "utf8"));
  const line = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
  const symbols = [];
  for (const name of [...new Set(names)].sort()) {
    const source = await readFile(path.join(packages, "lucide-static", "icons", `${name}.svg`), "utf8");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24" ${line}>${inner(source)}</symbol>`);
  }
  const mark = await readFile(path.join(here, "img", "mark.svg"), "utf8");
  symbols.push(`<symbol id="karyabina" viewBox="0 0 48 48" fill="currentColor">${inner(mark)}</symbol>`);
  await emit("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
}

function inner(svg) {
  const match = svg.match(/<svg[^>]*>([\s\S]*)<\/svg>/);
  if (!match) throw new Error("an icon has no <svg> element");
  return match[1].replace(/<!--[\s\S]*?-->/g, "").replace(/>\s+</g, "><").trim();
}

async function buildStyles() {
  for (const name of ["app", "desk"]) {
    const compiled = sass.compile(path.join(here, "scss", `${name}.scss`), {
      loadPaths: [packages],
      quietDeps: true,
      silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
    });
    const named = compiled.css.replace(/asset:([\w.-]+)/g, (_, wanted) => {
      if (!manifest[wanted]) throw new Error(`${name}.scss names an unknown file: ${wanted}`);
      return manifest[wanted];
    });
    const small = await esbuild.transform(named, { loader: "css", minify: true, target: browsers });
    await emit(`${name}.css`, small.code);
  }
}

async function buildScripts() {
  for (const name of ["app", "desk"]) {
    const built = await esbuild.build({
      entryPoints: [path.join(here, "js", `${name}.js`)],
      bundle: true,
      minify: true,
      format: "esm",
      target: browsers,
      legalComments: "none",
      write: false,
    });
    await emit(`${name}.js`, Buffer.from(built.outputFiles[0].contents));
  }
}

const checked = checkContrast(await readFile(path.join(here, "scss", "_tokens.scss"), "utf8"));
await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await buildFont();
await buildPictures();
await buildSprite();
await buildStyles();
await buildScripts();
const ordered = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
await writeFile(path.join(dist, "manifest.json"), `${JSON.stringify(ordered, null, 2)}\n`);
console.log(`${checked} pairs of colours reach WCAG AA`);
for (const [name, plain, packed] of sizes) console.log(`${name.padEnd(26)} ${String(plain).padStart(8)} B  ${String(packed).padStart(8)} B gzip`);
