import type { Measure, Measured } from '#scenario/sweep/measure.ts';
import type { SweepRun } from '#scenario/sweep/sweep-job.ts';
import type { Shard } from '#scenario/sweep/sweep-plan.ts';
import type { SweepResult } from '#scenario/sweep/sweep-result.ts';
import type { SweepPoint, Varied } from '#scenario/sweep/vary.ts';
import type { Dimension } from '#telemetry/query/reading.ts';
import { keyOf } from './sweep-json.ts';

/** Reads a `meshsim/sweep/v1` document back; gives it, or what is wrong with it. */
export function readSweepDocument(text: string): SweepResult | { readonly problem: string } {
  try {
    return sweepOf(new Part(JSON.parse(text), 'the document'));
  } catch (error) {
    if (error instanceof NoSweep) return { problem: error.message };
    if (error instanceof SyntaxError) return { problem: 'it is no JSON' };
    throw error;
  }
}

/** Thrown and caught within this file. */
class NoSweep extends Error {}

/** A value of a document that nobody has looked at yet, and what it is called. */
class Part {
  readonly #value: unknown;
  readonly #name: string;

  constructor(value: unknown, name: string) {
    this.#value = value;
    this.#name = name;
  }

  at(key: string): Part {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
      throw new NoSweep(`${this.#name} has no "${key}"`);
    return new Part(Reflect.get(value, key), `"${key}"`);
  }

  has(key: string): boolean {
    return (
      typeof this.#value === 'object' && this.#value !== null && Object.hasOwn(this.#value, key)
    );
  }

  get isNull(): boolean {
    return this.#value === null;
  }

  get text(): string {
    if (typeof this.#value === 'string') return this.#value;
    throw new NoSweep(`${this.#name} is no text`);
  }

  get number(): number {
    if (typeof this.#value === 'number') return this.#value;
    throw new NoSweep(`${this.#name} is no number`);
  }

  get isTrue(): boolean {
    if (typeof this.#value === 'boolean') return this.#value;
    throw new NoSweep(`${this.#name} is neither true nor false`);
  }

  get items(): readonly Part[] {
    if (!Array.isArray(this.#value)) throw new NoSweep(`${this.#name} is no list`);
    return this.#value.map((item: unknown, index) => new Part(item, `${this.#name}[${index}]`));
  }
}

function sweepOf(document: Part): SweepResult {
  const schema = document.at('schema').text;
  if (schema !== 'meshsim/sweep/v1') throw new NoSweep(`it is a ${schema}, no meshsim/sweep/v1`);
  const measures = document.at('measures').items.map(measureOf);
  return {
    plan: {
      scenario: document.at('scenario').text,
      title: document.at('title').text,
      identity: document.at('identity').text,
      varied: document.at('varied').items.map(variedOf),
      firstSeed: document.at('firstSeed').number,
      seedCount: document.at('seedCount').number,
      measures,
    },
    shard: shardOf(document.at('shard')),
    runs: document.at('runs').items.map((run) => runOf(run, measures)),
  };
}

function variedOf(varied: Part): Varied {
  return { key: varied.at('key').text, values: varied.at('values').items.map(({ text }) => text) };
}

function shardOf(shard: Part): Shard | undefined {
  if (shard.isNull) return undefined;
  return { index: shard.at('index').number, count: shard.at('count').number };
}

const DIMENSIONS: readonly Dimension[] = ['count', 'share', 'duration', 'rate', 'number'];
const CLIENT_NUMBERS = ['success', 'p50', 'p99', 'attempts/req'] as const;

function measureOf(measure: Part): Measure {
  const kind = measure.at('kind').text;
  const name = measure.at('name').text;
  const dimension = oneOf(DIMENSIONS, measure.at('dimension').text);
  const is = measure.has('is') ? measure.at('is').text : undefined;
  switch (kind) {
    case 'expectation':
      return { kind, name, dimension, is: is ?? '' };
    case 'query':
      return { kind, name, dimension, that: measure.at('that').text, is };
    case 'client': {
      const what = oneOf(CLIENT_NUMBERS, measure.at('what').text);
      return { kind, name, dimension, client: measure.at('client').text, what };
    }
    default:
      throw new NoSweep(`"${kind}" is no kind of measure`);
  }
}

function oneOf<Text extends string>(known: readonly Text[], text: string): Text {
  const found = known.find((it) => it === text);
  if (found === undefined) throw new NoSweep(`"${text}" is none of ${known.join(', ')}`);
  return found;
}

function runOf(run: Part, measures: readonly Measure[]): SweepRun {
  const measured = run.at('measured').items;
  if (measured.length !== measures.length)
    throw new NoSweep('a run has not as many numbers as there are measures');
  return {
    index: run.at('index').number,
    point: run
      .at('point')
      .items.map((part): SweepPoint[number] => [part.at('key').text, part.at('value').text]),
    seed: run.at('seed').number,
    digest: run.at('digest').text,
    measured: measured.map((part, place) => measuredOf(part, measures[place]!)),
  };
}

function measuredOf(part: Part, { dimension }: Measure): Measured {
  const value = part.at(keyOf('value', dimension));
  return {
    value: value.isNull ? null : value.number,
    holds: part.has('holds') ? part.at('holds').isTrue : null,
  };
}
