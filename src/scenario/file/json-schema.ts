import { weightedRequest } from './client-keys.ts';
import { latency, plainLatency } from './latency-keys.ts';
import { load } from './load-keys.ts';
import { scenarioShape } from './scenario-keys.ts';
import type { JsonSchema } from './shape.ts';
import { callStep } from './workload-keys.ts';

/** The JSON Schema of scenario files, from the tables that read them. */
export function scenarioJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'meshsim scenario',
    ...scenarioShape.jsonSchema,
    $defs: {
      latency: plainLatency.jsonSchema,
      workloadLatency: latency.jsonSchema,
      callStep: callStep.jsonSchema,
      load: load.jsonSchema,
      request: weightedRequest.jsonSchema,
    },
  };
}
