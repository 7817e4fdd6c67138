import { scenarioJsonSchema } from '#scenario/file/json-schema.ts';

// Writes `schema/scenario.schema.json`; run after a key of scenarios has changed.
process.stdout.write(`${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`);
