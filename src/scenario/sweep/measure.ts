import type { Diagnostic } from '#source/diagnostic.ts';
import { SourceFile } from '#source/source-file.ts';
import { type CompiledExpectation, compileExpectation } from '#telemetry/query/expectation.ts';
import type { Dimension } from '#telemetry/query/reading.ts';
import type { Experiment } from '../experiment.ts';
import type { RunResult } from '../run-result.ts';

/** A number that every run of a sweep gives. Plain values: it crosses to workers and into files. */
export type Measure =
  /** An expectation of the scenario, by its place in the file. */
  | {
      readonly kind: 'expectation';
      readonly name: string;
      readonly dimension: Dimension;
      readonly is: string;
    }
  /** What was asked for: `--measure QUERY`. */
  | {
      readonly kind: 'query';
      readonly name: string;
      readonly dimension: Dimension;
      readonly that: string;
      /** A condition on it, where there is one. */
      readonly is: string | undefined;
    }
  | {
      readonly kind: 'client';
      readonly name: string;
      readonly dimension: Dimension;
      readonly client: string;
      readonly what: ClientNumber;
    };

export type ClientNumber = 'success' | 'p50' | 'p99' | 'attempts/req';

const CLIENT_NUMBERS: readonly (readonly [ClientNumber, Dimension])[] = [
  ['success', 'share'],
  ['p50', 'duration'],
  ['p99', 'duration'],
  ['attempts/req', 'number'],
];

/** A query of the command line, with a condition on it or without. */
export interface AskedQuery {
  readonly that: string;
  readonly is?: string;
}

/**
 * What a sweep measures: the expectations, and what was asked for; if nothing was, the numbers that
 * stand first in a summary, of every client. Or what is wrong with the queries.
 */
export function measuresOf(
  experiment: Experiment,
  queries: readonly AskedQuery[],
): { readonly measures: readonly Measure[] } | { readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const asked = queries.flatMap((query): readonly Measure[] => {
    const compiled = compiledQuery(experiment, query);
    if ('diagnostics' in compiled) {
      diagnostics.push(...compiled.diagnostics);
      return [];
    }
    const { that, is } = query;
    const { dimension } = compiled.expectation;
    return [{ kind: 'query', name: that, dimension, that, is }];
  });
  if (diagnostics.length > 0) return { diagnostics };
  const usual = asked.length > 0 ? asked : clientMeasures(experiment);
  return { measures: [...expectationMeasures(experiment), ...usual] };
}

function expectationMeasures({ expectations }: Experiment): readonly Measure[] {
  return expectations.map(({ request, dimension }) => ({
    kind: 'expectation',
    name: request.name ?? request.that.text,
    dimension,
    is: request.is.text,
  }));
}

function clientMeasures({ scenario }: Experiment): readonly Measure[] {
  const clients = [...scenario.clients.keys()].sort();
  return clients.flatMap((client) =>
    CLIENT_NUMBERS.map(
      ([what, dimension]): Measure => ({
        kind: 'client',
        name: `${what} of ${client}`,
        dimension,
        client,
        what,
      }),
    ),
  );
}

/** A comparison that fits every kind of quantity: asked for the value alone. */
const ANY_VALUE = '>= 0';

function compiledQuery({ scenario }: Experiment, { that, is = ANY_VALUE }: AskedQuery) {
  const { warmupNs, durationNs } = scenario;
  const at = (name: string, text: string) =>
    new SourceFile(name, text).placeOf(0, Math.max(1, text.length));
  const request = {
    that: { text: that, at: at('query', that) },
    is: { text: is, at: at('comparison', is) },
    during: undefined,
    name: undefined,
    isAborting: false,
    mayBeEmpty: false,
  };
  return compileExpectation(request, { warmupNs, durationNs });
}

/** The queries among the measures, ready to be asked beside the expectations. */
export function queriesOf(
  experiment: Experiment,
  measures: readonly Measure[],
): readonly CompiledExpectation[] {
  return measures.flatMap((measure) => {
    if (measure.kind !== 'query') return [];
    const { that, is } = measure;
    const compiled = compiledQuery(experiment, is === undefined ? { that } : { that, is });
    return 'expectation' in compiled ? [compiled.expectation] : [];
  });
}

/** What one run gave. */
export interface Measured {
  /** In the unit of its document: ms, shares from 0 to 1, per second. Null = nothing was seen. */
  readonly value: number | null;
  /** Of an expectation or a condition; null of anything else. */
  readonly holds: boolean | null;
}

/** The measures of a run in whose experiment `queriesOf` follow the expectations. */
export function measuredOf(result: RunResult, measures: readonly Measure[]): readonly Measured[] {
  let next = 0;
  return measures.map((measure): Measured => {
    if (measure.kind === 'client') {
      const value = inDocument(clientNumber(result, measure), measure);
      return { value, holds: null };
    }
    const outcome = result.expectations[next++]!;
    const value = inDocument(outcome.value ?? Number.NaN, measure);
    return { value, holds: measure.is === undefined ? null : outcome.holds };
  });
}

function clientNumber(
  { clients }: RunResult,
  { client, what }: Extract<Measure, { kind: 'client' }>,
): number {
  const found = clients.find(({ name }) => name === client);
  if (found === undefined || found.requestCount === 0) return Number.NaN;
  switch (what) {
    case 'success':
      return found.successShare;
    case 'p50':
      return found.latency.valueAt(0.5);
    case 'p99':
      return found.latency.valueAt(0.99);
    case 'attempts/req':
      return found.attemptsPerRequest;
  }
}

function inDocument(value: number, { dimension }: Measure): number | null {
  if (!Number.isFinite(value)) return null;
  return dimension === 'duration' ? value / 1e6 : value;
}
