import {
  boolean,
  double,
  type Infer,
  list,
  map,
  object,
  optional,
  protoEnum,
  string,
  wrapped,
} from '#source/shape.ts';
import { TAG_OVERRIDE_RULES, TARGET_REF_RULE } from './cel-rules.ts';
import { policySelectorShape, positiveDuration } from './shared-shapes.ts';
import { targetRefShape } from './target-reference.ts';

const modeShape = protoEnum(
  'istio.telemetry.v1alpha1.WorkloadMode',
  'CLIENT_AND_SERVER',
  'CLIENT',
  'SERVER',
);
const providersShape = list(object({ name: string({ minLength: 1 }) }, { required: ['name'] }));
const named = { name: string({ minLength: 1 }), defaultValue: string() };
const valued = object({ value: string({ minLength: 1 }) }, { required: ['value'] });

const tracingShape = object({
  match: object({ mode: modeShape }),
  providers: providersShape,
  randomSamplingPercentage: wrapped(double({ minimum: 0, maximum: 100 })),
  disableSpanReporting: wrapped(boolean()),
  customTags: map(
    object(
      {
        literal: valued,
        environment: object(named, { required: ['name'] }),
        header: object(named, { required: ['name'] }),
        formatter: valued,
      },
      { oneOf: [['literal', 'environment', 'header', 'formatter']] },
    ),
  ),
  useRequestIdForTraceSampling: wrapped(boolean()),
  enableIstioTags: wrapped(boolean()),
  disableContextPropagation: wrapped(boolean()),
});

const metricSelectorShape = object(
  {
    metric: optional(
      protoEnum(
        'istio.telemetry.v1alpha1.MetricSelector.IstioMetric',
        'ALL_METRICS',
        'REQUEST_COUNT',
        'REQUEST_DURATION',
        'REQUEST_SIZE',
        'RESPONSE_SIZE',
        'TCP_OPENED_CONNECTIONS',
        'TCP_CLOSED_CONNECTIONS',
        'TCP_SENT_BYTES',
        'TCP_RECEIVED_BYTES',
        'GRPC_REQUEST_MESSAGES',
        'GRPC_RESPONSE_MESSAGES',
      ),
    ),
    customMetric: optional(string({ minLength: 1 })),
    mode: modeShape,
  },
  { oneOf: [['metric', 'customMetric']] },
);

const metricsShape = object({
  providers: providersShape,
  overrides: list(
    object({
      match: metricSelectorShape,
      disabled: wrapped(boolean()),
      tagOverrides: map(
        object(
          {
            operation: protoEnum(
              'istio.telemetry.v1alpha1.MetricsOverrides.TagOverride.Operation',
              'UPSERT',
              'REMOVE',
            ),
            value: string(),
          },
          { rules: TAG_OVERRIDE_RULES },
        ),
      ),
    }),
  ),
  reportingInterval: positiveDuration(),
});

const accessLoggingShape = object({
  match: object({ mode: modeShape }),
  providers: providersShape,
  disabled: wrapped(boolean()),
  filter: object({ expression: string() }),
});
export type AccessLogging = Infer<typeof accessLoggingShape>;

/** @source istio.io/api: telemetry/v1alpha1/telemetry.proto, Telemetry */
export const telemetryShape = object(
  {
    selector: policySelectorShape,
    targetRef: targetRefShape,
    targetRefs: list(targetRefShape, { maxItems: 16 }),
    tracing: list(tracingShape),
    metrics: list(metricsShape),
    accessLogging: list(accessLoggingShape),
  },
  { rules: [TARGET_REF_RULE] },
);
export type TelemetrySpec = Infer<typeof telemetryShape>;
