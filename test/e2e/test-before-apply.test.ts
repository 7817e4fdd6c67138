import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { meshsim, ROOT } from './cli-process.ts';

const FOLDER = join(ROOT, 'scenarios/test-before-apply');

describe('the change that scenarios/test-before-apply is about', () => {
  it('breaks expectations, exit code 1, and the line to blame is named', () => {
    const { code, stdout } = meshsim([
      'run',
      join(FOLDER, 'scenario.yaml'),
      '--set',
      'change=proposed',
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain('1 held, 3 failed');
    expect(stdout).toMatch(
      /503 NC .*VirtualService catalog, .*changes\/proposed\.yaml:28 {2}subset: v3/,
    );
  });

  it('is found in part by analyze', () => {
    const { code, stdout } = meshsim([
      'analyze',
      join(FOLDER, 'manifests'),
      join(FOLDER, 'changes/proposed.yaml'),
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain('[IST0101]');
  });
});
