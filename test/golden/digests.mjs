#!/usr/bin/env node
// npm run digests: writes test/golden/digests.json. A changed line is a changed behaviour: say which.
import { writeFileSync } from 'node:fs';
import { loadSource } from '../load-source.mjs';

await loadSource('src/envoy/re2.ts');
const { currentDigests } = await loadSource('test/golden/digests.ts');
const text = `${JSON.stringify(currentDigests(), null, 2)}\n`;
writeFileSync(new URL('./digests.json', import.meta.url), text);
