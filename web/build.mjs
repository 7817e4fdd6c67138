import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { constructedStyles } from './constructed-styles.mjs';
import { startEngineEarly } from './early-engine.mjs';
import { lazyParts } from './lazy-parts.mjs';
import { withoutSchemaTexts } from './without-schema-texts.mjs';

/** Builds the page as a static site into dist-web, and beside it the template of the HTML report. */

const WEB = fileURLToPath(new URL('.', import.meta.url));
const OUT = fileURLToPath(new URL('../dist-web/', import.meta.url));
const SRC = fileURLToPath(new URL('../src/', import.meta.url));

const shared = {
  root: WEB,
  base: './',
  configFile: false,
  logLevel: 'error',
  resolve: {
    alias: [
      { find: /^#(.*)$/, replacement: `${SRC}$1` },
      { find: /^re2js$/, replacement: `${WEB}engine/lazy-re2js.ts` },
      {
        find: /^yaml-itself$/,
        replacement: fileURLToPath(
          new URL('../node_modules/yaml/browser/index.js', import.meta.url),
        ),
      },
      { find: /^yaml$/, replacement: `${WEB}engine/lazy-yaml.ts` },
    ],
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
};
// What the engine needs to begin: one request on the way to a first result, whatever its parts share with it.
const groups = [
  {
    name: (id, context) => (isNeededAtOnce(id, context) ? 'engine-base' : null),
  },
];
const atOnce = new Set();
const plugins = () => [lazyParts(WEB, SRC), withoutSchemaTexts(), constructedStyles()];

rmSync(OUT, { recursive: true, force: true });
await build({
  ...shared,
  define: { __WITH_GALLERY__: 'true', __ENGINE_SCRIPT__: '""' },
  plugins: plugins(),
  worker: { format: 'es', plugins, rolldownOptions: { output: { codeSplitting: { groups } } } },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: false,
    assetsInlineLimit: 0,
  },
});

startEngineEarly(OUT);
const engine = await bundled(`${WEB}engine/worker.ts`, 'meshsimEngine', '""');
const page = await bundled(`${WEB}main.tsx`, 'meshsimPage', JSON.stringify(engine.script));
writeFileSync(`${OUT}report-template.html`, template(page));
if (process.argv.includes('--sizes')) process.stdout.write(`${sizes().join('\n')}\n`);

/** Whether a module is imported by the worker, not only on demand. */
function isNeededAtOnce(id, context) {
  if (atOnce.size === 0) {
    const follow = (one) => {
      if (atOnce.has(one)) return;
      atOnce.add(one);
      for (const imported of context.getModuleInfo(one)?.importedIds ?? []) follow(imported);
    };
    follow(`${WEB}engine/worker.ts`);
  }
  return atOnce.has(id);
}

/** One classic script with everything inside. */
async function bundled(entry, name, engineScript) {
  const result = await build({
    ...shared,
    plugins: plugins(),
    define: { __WITH_GALLERY__: 'false', __ENGINE_SCRIPT__: engineScript },
    build: {
      write: false,
      target: 'es2023',
      minify: true,
      cssCodeSplit: false,
      lib: { entry, name, formats: ['iife'], fileName: name },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const { output } = Array.isArray(result) ? result[0] : result;
  const script = output.find(({ type }) => type === 'chunk').code;
  const style = output.find(({ fileName }) => fileName.endsWith('.css'))?.source ?? '';
  return { script, style: String(style) };
}

function template({ script, style }) {
  // Neither may end its element early.
  const safe = script.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${reportPolicy(safe, style)}">
<title>meshsim report</title><link rel="icon" href="data:,"><style>${style}</style></head>
<body><div id="page"></div>
<script type="application/json" id="meshsim-report">MESHSIM_REPORT_CONTENT</script>
<script>${safe}</script></body></html>
`;
}

/** Of a report only its own script and its own style may run; it asks nobody for anything. */
function reportPolicy(script, style) {
  return [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'worker-src blob:',
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashOf(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function sizes() {
  const manifest = readFileSync(`${OUT}index.html`, 'utf8');
  return [...manifest.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, file]) => {
    const bytes = gzipSync(readFileSync(OUT + file)).length;
    return `${file}: ${(bytes / 1024).toFixed(1)} KB gzipped`;
  });
}
