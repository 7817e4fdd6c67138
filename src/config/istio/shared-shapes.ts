import {
  durationNs,
  type Infer,
  map,
  object,
  optional,
  type Shape,
  string,
  uint32,
} from '#source/shape.ts';
import {
  DURATION_RULE,
  SELECTOR_KEY_RULES,
  SELECTOR_VALUE_RULE,
  WORKLOAD_SELECTOR_VALUE_RULE,
} from './cel-rules.ts';

/** Messages that several Istio kinds share. Field names and order are those of istio.io/api. */

/** A duration that the schema holds to at least 1 ms; integer nanoseconds. */
export const positiveDuration = (): Shape<number, undefined> =>
  durationNs({ rules: [DURATION_RULE] });

/** Exactly one of the three; none of them: the header or parameter need only be present. */
export const stringMatchShape = object(
  { exact: optional(string()), prefix: optional(string()), regex: optional(string()) },
  { oneOf: [['exact', 'prefix', 'regex']] },
);
export type StringMatch = Infer<typeof stringMatchShape>;

export const portSelectorShape = object({ number: uint32() });

/** The service that requests go to. */
export const destinationShape = object(
  { host: string(), subset: string(), port: portSelectorShape },
  { required: ['host'] },
);
export type Destination = Infer<typeof destinationShape>;

/** `selector` of policies: `matchLabels`. */
export const policySelectorShape = object({
  matchLabels: map(string({ maxLength: 63, rules: [SELECTOR_VALUE_RULE] }), {
    maxProperties: 4096,
    rules: SELECTOR_KEY_RULES,
  }),
});

/** `workloadSelector` of ServiceEntry and Sidecar: `labels`. */
export const workloadSelectorShape = object({
  labels: map(string({ maxLength: 63, rules: [WORKLOAD_SELECTOR_VALUE_RULE] }), {
    maxProperties: 256,
  }),
});
export type WorkloadSelector = Infer<typeof workloadSelectorShape>;
