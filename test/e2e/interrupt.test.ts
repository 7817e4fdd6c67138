import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DIST, folderOf } from './cli-process.ts';

const ENDLESS = `duration: 50h
mesh:
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { metadata: { labels: { app: web } } } } }
  - { apiVersion: v1, kind: Service, metadata: { name: web }, spec: { selector: { app: web }, ports: [{ name: http, port: 80 }] } }
clients:
  load: { from: web, request: GET http://web/, load: { rate: 1000/s } }
`;

it('stops at Ctrl-C, prints what is known, and ends with 130', async () => {
  const cwd = folderOf({ 'scenario.yaml': ENDLESS });
  const child = spawn(process.execPath, [join(DIST, 'cli/main.js'), 'run', 'scenario.yaml'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  setTimeout(() => child.kill('SIGINT'), 3000);
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  expect(code).toBe(130);
  expect(stderr).toMatch(/interrupted at t=\d+\.\ds/);
  expect(stdout).toMatch(/200 : \d+/);
});
