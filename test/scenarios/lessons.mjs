#!/usr/bin/env node
// npm run lessons: writes into each lesson's page what its command prints. Needs a build.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadSource } from '../load-source.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { withOutput } = await loadSource('test/scenarios/lesson-output.ts');
const folders = readdirSync(`${ROOT}/lessons`, { withFileTypes: true });
for (const { name } of folders.filter((entry) => entry.isDirectory())) {
  const command = ['dist/cli/main.js', 'run', `lessons/${name}/scenario.yaml`];
  const { stdout } = spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
  const page = `${ROOT}/lessons/${name}/README.md`;
  writeFileSync(page, withOutput(readFileSync(page, 'utf8'), stdout));
}
