import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import '#envoy/re2.ts';
import type { EnvoyCase } from '#scenario/envoy-case/case-file.ts';
import { judge } from '#scenario/envoy-case/judge.ts';
import { runEnvoyCase } from '#scenario/envoy-case/run-case.ts';
import { storedJudgements, verdicts } from '#scenario/envoy-case/verdict.ts';
import { ROOT } from '../tidy/source-tree.ts';

const FOLDER = join(ROOT, 'test/fidelity');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

describe("the project's own cases, as the real Envoy was measured", () => {
  it.each(FILES)('%s', (file) => {
    const kase = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as EnvoyCase;
    const runs = [1, 2, 3].map((seed) => runEnvoyCase(kase, seed));
    const apart = verdicts(storedJudgements(kase) ?? [], judge(kase, runs)).flatMap((it) =>
      it.difference === undefined ? [] : [`${it.measure}: ${it.difference}`],
    );
    expect(apart).toEqual([]);
  });
});
