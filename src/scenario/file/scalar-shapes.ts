import { parseAnyDuration } from '#source/duration.ts';
import { parsePercentage, parseRatePerSecond } from '#source/quantity.ts';
import { MAX_RATE_PER_SECOND, MAX_TIME_NS } from './limits.ts';
import type { ScenarioNode } from './scenario-node.ts';
import type { Report, Shape } from './shape.ts';

export const text: Shape<string> = {
  expects: 'a text',
  jsonSchema: { type: 'string' },
  read(node, report) {
    if (node.kind !== 'scalar' || node.value === null) return report.wanted(this, node);
    return typeof node.value === 'string' ? node.value : String(node.value);
  },
};

/** A text that is written as one; numbers and booleans stand for themselves. */
export const headerValue: Shape<string> = {
  expects: 'a text',
  jsonSchema: { type: ['string', 'number', 'boolean'] },
  read: (node, report) => text.read(node, report),
};

export const flag: Shape<boolean> = {
  expects: 'true or false',
  jsonSchema: { type: 'boolean' },
  read(node, report) {
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
    return report.wanted(this, node);
  },
};

export function choice<T extends string>(...names: readonly T[]): Shape<T> {
  return {
    expects: names.map((name) => `"${name}"`).join(' or '),
    jsonSchema: { enum: names },
    read(node, report) {
      for (const name of names) {
        if (node.kind === 'scalar' && node.value === name) return name;
      }
      return report.wanted(this, node);
    },
  };
}

export function integer(min: number, max: number): Shape<number> {
  return numberShape('an integer', { type: 'integer' }, min, max, Number.isSafeInteger);
}

export function numberBetween(min: number, max: number): Shape<number> {
  return numberShape('a number', { type: 'number' }, min, max, Number.isFinite);
}

function numberShape(
  noun: string,
  schema: { readonly type: string },
  min: number,
  max: number,
  accepts: (value: number) => boolean,
): Shape<number> {
  return {
    expects: noun,
    jsonSchema: { ...schema, minimum: min, maximum: max },
    read(node, report) {
      const value = node.kind === 'scalar' ? node.value : undefined;
      if (typeof value !== 'number' || !accepts(value)) return report.wanted(this, node);
      if (value >= min && value <= max) return value;
      return report.error('MS0205', node.at, `${value} is not between ${min} and ${max}`);
    },
  };
}

/** Nanoseconds from `250ms`, `1.5s`, `1h`, or a bare 0. */
export const duration: Shape<number> = durationAtLeast(0);

/** Like `duration`, but not nothing. */
export const positiveDuration: Shape<number> = durationAtLeast(1);

function durationAtLeast(minNs: number): Shape<number> {
  return {
    expects: 'a duration such as 250ms or 1.5s',
    jsonSchema: {
      anyOf: [{ type: 'string', pattern: '^[0-9.]+(ns|us|µs|ms|s|m|h)' }, { const: 0 }],
    },
    read(node, report) {
      const value = node.kind === 'scalar' ? node.value : undefined;
      if (typeof value === 'number' && value !== 0) return unitMissing(value, node, report);
      const ns =
        value === 0 || typeof value === 'string' ? parseAnyDuration(String(value)) : undefined;
      if (ns === undefined) return report.wanted(this, node);
      if (ns < minNs || ns > MAX_TIME_NS) {
        return report.error(
          'MS0205',
          node.at,
          `${String(value)} is ${ns < minNs ? 'too short' : 'longer than 100 days'}`,
        );
      }
      return ns;
    },
  };
}

function unitMissing(value: number, node: ScenarioNode, report: Report): undefined {
  const hint = `write ${value}s or ${value}ms`;
  report.error('MS0202', node.at, `${value} is no duration: it has no unit`, hint);
}

/** A share in [0, 1] from `5%`, or a bare 0. */
export const share: Shape<number> = {
  expects: 'a percentage such as 5%',
  jsonSchema: { anyOf: [{ type: 'string', pattern: '^[0-9.]+ *%$' }, { const: 0 }] },
  read(node, report) {
    const value = node.kind === 'scalar' ? node.value : undefined;
    if (typeof value === 'number' && value !== 0) {
      const hint = value < 1 ? `write ${value * 100}%` : `write ${value}%`;
      return report.error('MS0202', node.at, `${value} is no percentage: it has no %`, hint);
    }
    const percent =
      value === 0 ? 0 : typeof value === 'string' ? parsePercentage(value) : undefined;
    if (percent === undefined) return report.wanted(this, node);
    if (percent >= 0 && percent <= 100) return percent / 100;
    return report.error('MS0205', node.at, `${String(value)} is not between 0% and 100%`);
  },
};

/** Requests per second from `50/s`, `3000/m`, or a bare 0. */
export const ratePerSecond: Shape<number> = {
  expects: 'a rate such as 50/s',
  jsonSchema: {
    anyOf: [{ type: 'string', pattern: '^[0-9.]+ */ *[0-9.]*(ms|s|m|h|d)$' }, { const: 0 }],
  },
  read(node, report) {
    const value = node.kind === 'scalar' ? node.value : undefined;
    if (typeof value === 'number' && value !== 0) {
      return report.error(
        'MS0202',
        node.at,
        `${value} is no rate: it has no unit`,
        `write ${value}/s`,
      );
    }
    const rate =
      value === 0 ? 0 : typeof value === 'string' ? parseRatePerSecond(value) : undefined;
    if (rate === undefined) return report.wanted(this, node);
    if (rate <= MAX_RATE_PER_SECOND) return rate;
    return report.error(
      'MS0205',
      node.at,
      `${String(value)} is more than ${MAX_RATE_PER_SECOND}/s`,
    );
  },
};

/** Nanoseconds since 1970 from an RFC 3339 time such as 2026-01-01T00:00:00Z. */
export const instantText: Shape<string> = {
  expects: 'a time such as 2026-01-01T00:00:00Z',
  jsonSchema: { type: 'string', format: 'date-time' },
  read(node, report) {
    const pattern = /^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?$/;
    const value = node.kind === 'scalar' ? node.value : undefined;
    return typeof value === 'string' && pattern.test(value) ? value : report.wanted(this, node);
  },
};
