import type {
  ClientObject,
  ExpectationObject,
  KubernetesObject,
  ScenarioObject,
  StepObject,
  WorkloadObject,
} from './scenario-object.ts';

/**
 * Writes a scenario step by step. Every call gives a new builder, so that a common start can be shared:
 *
 *     const base = scenario('canary').mesh('manifests').client('shop', { … });
 *     simulate(base.expect('p99(latency)', '< 250ms'));
 */
export class ScenarioBuilder {
  readonly #scenario: ScenarioObject;

  constructor(scenario: ScenarioObject) {
    this.#scenario = scenario;
  }

  /** Files, directories, globs or objects, after those that are there. */
  mesh(...entries: readonly (string | KubernetesObject)[]): ScenarioBuilder {
    return this.with({ mesh: [...listOf(this.#scenario.mesh), ...entries] });
  }

  workload(name: string, behaviour: WorkloadObject): ScenarioBuilder {
    return this.with({ workloads: { ...this.#scenario.workloads, [name]: behaviour } });
  }

  client(name: string, client: ClientObject): ScenarioBuilder {
    return this.with({ clients: { ...this.#scenario.clients, [name]: client } });
  }

  external(host: string, behaviour: WorkloadObject): ScenarioBuilder {
    return this.with({ external: { ...this.#scenario.external, [host]: behaviour } });
  }

  /** `at('30s', { apply: 'manifests/canary-50.yaml' })` */
  at(moment: string, step: Omit<StepObject, 'at'>): ScenarioBuilder {
    return this.with({ timeline: [...(this.#scenario.timeline ?? []), { at: moment, ...step }] });
  }

  expect(
    that: string,
    is: string,
    more: Omit<ExpectationObject, 'that' | 'is'> = {},
  ): ScenarioBuilder {
    return this.with({ expect: [...(this.#scenario.expect ?? []), { that, is, ...more }] });
  }

  /** Any key of the file; it replaces what was there. */
  with(keys: ScenarioObject): ScenarioBuilder {
    return new ScenarioBuilder({ ...this.#scenario, ...keys });
  }

  toJSON(): ScenarioObject {
    return this.#scenario;
  }
}

/** An empty scenario with a title. */
export function scenario(title: string): ScenarioBuilder {
  return new ScenarioBuilder({ title });
}

function listOf(mesh: ScenarioObject['mesh']): readonly (string | KubernetesObject)[] {
  if (mesh === undefined) return [];
  return isList(mesh) ? mesh : [mesh];
}

function isList(
  mesh: NonNullable<ScenarioObject['mesh']>,
): mesh is readonly (string | KubernetesObject)[] {
  return Array.isArray(mesh);
}
