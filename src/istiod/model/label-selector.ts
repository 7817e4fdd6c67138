import type { LabelSelector } from '#config/istio/mesh-config.ts';
import { type Labels, selects } from './labels.ts';

/** @source kubernetes: apimachinery/pkg/apis/meta/v1/helpers.go, LabelSelectorAsSelector */
export function matchesSelector(
  { matchLabels, matchExpressions }: LabelSelector,
  labels: Labels,
): boolean {
  return (
    selects(matchLabels, labels) &&
    matchExpressions.every(({ key, operator, values }) => {
      const value = labels.get(key);
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}
