import { plainLatency } from './latency-keys.ts';
import { scenarioShape } from './scenario-keys.ts';
import type { JsonSchema } from './shape.ts';

/** The JSON Schema of scenario files, from the tables that read them. */
export function scenarioJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'meshsim scenario',
    ...scenarioShape.jsonSchema,
    $defs: { latency: plainLatency.jsonSchema },
  };
}
