import { describe, expect, it } from 'vitest';
import { matchers } from './matchers.ts';
import { simulate } from './node.ts';

const CANARY = 'scenarios/canary-how-exact/scenario.yaml';
const simulation = simulate(CANARY);
const [split] = simulation.result.splits;
const [client] = simulation.result.clients;
const P99 = `p99(latency{client="${client?.name}"})`;

describe('toMeetExpectations', () => {
  it('passes when all hold, and names those that do not', () => {
    expect(matchers.toMeetExpectations(simulation).pass).toBe(true);
    const overrides = { expect: [{ name: 'too quick', that: P99, is: '< 1ms' }] };
    const failed = matchers.toMeetExpectations(simulate(CANARY, { overrides }));
    expect(failed.pass).toBe(false);
    expect(failed.message()).toMatch(/✗ too quick +is < 1ms/);
  });

  it('fails without expectations: that would hold of anything', () => {
    const none = simulate(CANARY, { overrides: { expect: [] } });
    expect(matchers.toMeetExpectations(none).pass).toBe(false);
  });

  it('is for simulations alone', () => {
    expect(() => matchers.toMeetExpectations(3)).toThrow(TypeError);
  });
});

describe('toSplit', () => {
  it('takes a share as an estimate, and says what was seen if it is off', () => {
    expect(split?.parts.length).toBe(2);
    expect(matchers.toSplit(simulation, { v1: '90%', v2: '10%' }, split?.of).pass).toBe(true);
    const off = matchers.toSplit(simulation, { v1: '50%', v2: '50%' });
    expect(off.pass).toBe(false);
    expect(off.message()).toMatch(/✗ v1 [\d.]+% \(\d+ of \d+\), wanted 50%; 99% interval/);
  });

  it('takes ranges as written', () => {
    expect(matchers.toSplit(simulation, { v1: '80..95%', v2: '10% ± 5%' }).pass).toBe(true);
    expect(matchers.toSplit(simulation, { v1: '80..85%', v2: '10% ± 5%' }).pass).toBe(false);
  });

  it('fails when somebody who was not named got requests, or nobody of that name is there', () => {
    expect(matchers.toSplit(simulation, { v1: '90%' }).message()).toMatch(/✗ v2 /);
    expect(matchers.toSplit(simulation, { v9: '90%' }).message()).toMatch(/no split has v9/);
    expect(matchers.toSplit(simulation, { v1: '90%' }, 'stock').pass).toBe(false);
  });
});

describe('toMeet, toStayBelow, toStayAbove', () => {
  it('ask a simulation, or an answer that is there', () => {
    expect(matchers.toStayBelow(simulation, P99, '10s').pass).toBe(true);
    expect(matchers.toStayAbove(simulation.query(P99), '1us').pass).toBe(true);
    expect(matchers.toMeet(simulation.query(P99), '< 10s').pass).toBe(true);
  });

  it('show value and limit', () => {
    const failed = matchers.toStayBelow(simulation, P99, '1us');
    expect(failed.pass).toBe(false);
    expect(failed.message()).toMatch(/^p99\(.*\) is [\d.]+ms, wanted < 1us/);
    expect(matchers.toStayAbove(simulation, P99, '1us').message()).toMatch(/^not wanted, and yet/);
  });

  it('want a query with a simulation', () => {
    expect(() => matchers.toStayBelow(simulation, '10s')).toThrow('wants a query and a limit');
  });
});
