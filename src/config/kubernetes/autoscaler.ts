import {
  anyValue,
  type Infer,
  int32,
  list,
  openObject,
  optional,
  string,
  wrapped,
} from '#source/shape.ts';

const targetShape = openObject({
  type: string(),
  averageUtilization: wrapped(int32()),
  /** A quantity: `500m`, `20`. */
  averageValue: optional(anyValue()),
});

const metricShape = openObject({
  type: string(),
  resource: openObject({ name: string(), target: targetShape }),
  containerResource: openObject({ name: string(), container: string(), target: targetShape }),
  pods: openObject({ metric: openObject({ name: string() }), target: targetShape }),
});

const rulesShape = openObject({
  stabilizationWindowSeconds: wrapped(int32()),
  selectPolicy: string(),
  policies: list(openObject({ type: string(), value: int32(), periodSeconds: int32() })),
});

/**
 * A HorizontalPodAutoscaler, of `autoscaling/v2` or of `v1`.
 *
 * @source kubernetes: api/autoscaling/v2/types.go, api/autoscaling/v1/types.go
 */
export const autoscalerShape = openObject({
  scaleTargetRef: openObject({ kind: string(), name: string() }),
  minReplicas: wrapped(int32()),
  maxReplicas: int32(),
  metrics: list(metricShape),
  behavior: openObject({ scaleUp: rulesShape, scaleDown: rulesShape }),
  /** Of v1. */
  targetCPUUtilizationPercentage: wrapped(int32()),
});
export type AutoscalerSpec = Infer<typeof autoscalerShape>;
