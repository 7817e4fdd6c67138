import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { diagnosticText } from '#source/diagnostic-text.ts';
import { readEnvoyCase } from './read-envoy-case.ts';

const CASE = {
  title: 'one backend',
  clusters: [{ name: 'a', endpoints: [{ id: 'a1', address: '127.0.0.1:9001' }] }],
  route_config: {
    virtual_hosts: [
      { name: 'v', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'a' } }] },
    ],
  },
  load: { kind: 'sequential', n: 3 },
  judge: [{ measure: 'statuses', kind: 'exact' }],
};

/** What is said of a case with some keys exchanged. */
function said(changes: Readonly<Record<string, unknown>>): string {
  return messages(JSON.stringify({ ...CASE, ...changes }, undefined, 1));
}

function messages(text: string): string {
  const read = readEnvoyCase('case.json', text);
  if ('case' in read) return '';
  const { file, diagnostics } = read;
  return diagnostics.map((it) => diagnosticText(it, (_, line) => file.line(line))).join('\n');
}

describe('the file of an Envoy-level case', () => {
  it('may be sound', () => {
    expect(said({})).toBe('');
    expect(
      said({
        load: [
          { kind: 'wait', s: 1 },
          { kind: 'burst', n: 2 },
        ],
        notes: 'any',
      }),
    ).toBe('');
  });

  it('is sound in every case of test/fidelity', () => {
    const folder = fileURLToPath(new URL('../../test/fidelity/', import.meta.url));
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    expect(names.length).toBeGreaterThan(60);
    for (const name of names) expect(messages(readFileSync(folder + name, 'utf8')), name).toBe('');
  });

  it('is JSON', () => {
    expect(messages('{ "clusters": [ }')).toMatch(/^case\.json:1:\d+: error MS0100: /);
    expect(messages('clusters: []')).toContain('an Envoy-level case is JSON, and this is none');
    expect(messages('')).toContain('case.json:1:1: error MS0202');
    expect(messages('[]')).toContain('case.json:1:1: error MS0202: want an object, found []');
  });

  it('has a form of its own, and what is not so is said where it stands', () => {
    expect(said({ clusters: [null] })).toMatch(/^case\.json:4:\d+: .*want an object, found null/);
    expect(said({ judge: undefined })).toContain('the key "judge" is missing');
    expect(said({ load: { kind: 'flood' } })).toContain('want one of sequential, burst');
    expect(said({ load: { kind: 'closed', concurrency: 2 } })).toContain(
      'the key "requests_per_client" is missing',
    );
    expect(said({ load: { kind: 'burst', n: 1e308 } })).toContain('want a whole number from 0 to');
    expect(said({ clusters: [{ name: 'a', endpoints: [{ id: 'x', address: 1 }] }] })).toContain(
      'want a text, found 1',
    );
  });

  it('holds configuration that an Envoy can parse', () => {
    expect(said({ route_config: { virtual_hosts: [null] } })).toMatch(
      /^case\.json:\d+:\d+: .*got null/,
    );
    expect(said({ http_filters: [{ name: 3 }] })).toContain('expected a string, got 3');
    expect(said({ hcm: { stream_idle_timeout: 5 } })).toContain('a duration in seconds');
    expect(said({ clusters: [{ name: 'a', lb_policy: [] }] })).toContain('got a list');
  });
});
