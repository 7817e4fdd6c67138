import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * The built site's first script starts the engine, so that it is fetched and read beside the page's own
 * script, not after it. One that could not start is forgotten: the page tries again, and says why it failed.
 */
export function startEngineEarly(out) {
  const engine = readdirSync(`${out}assets`).find((name) => /^worker-.*\.js$/.test(name));
  const script = `{const engine=new Worker(new URL(${JSON.stringify(engine)},document.currentScript.src),{type:'module'});
globalThis.meshsimEngine=engine;engine.onerror=()=>{globalThis.meshsimEngine=undefined}}
`;
  const hash = createHash('sha256').update(script).digest('base64url').slice(0, 8);
  const file = `assets/start-engine-${hash}.js`;
  writeFileSync(out + file, script);
  const index = readFileSync(`${out}index.html`, 'utf8');
  writeFileSync(
    `${out}index.html`,
    index.replace('<script type="module"', `<script src="./${file}"></script>\n$&`),
  );
}
