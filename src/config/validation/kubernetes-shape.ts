import { formatPath } from '#source/path.ts';
import { readShape, type ShapeProblem } from '#source/shape-read.ts';
import { objectMetaShape } from '../kubernetes/object-meta.ts';
import type { Resource } from '../resource.ts';
import {
  groupOf,
  isIstioKind,
  kindOfObject,
  RESOURCE_KINDS,
  type ResourceKind,
} from '../resource-kinds.ts';
import type { AdmissionFinding } from './admission-finding.ts';

const GATEWAY_API = 'gateway.networking.k8s.io';

/**
 * Values of Kubernetes' own objects that have not the type of their field, which `kubectl apply` refuses.
 * Objects of Istio and of the Gateway API have schemas instead. For `analyze`: whoever runs the objects
 * has heard it from their reading.
 */
export function kubernetesShapeFindings(resource: Resource): readonly AdmissionFinding[] {
  const { apiVersion, kind, raw, metadata } = resource;
  const known = kindOfObject(apiVersion, kind);
  if (known === undefined || isIstioKind(known) || groupOf(apiVersion) === GATEWAY_API) return [];
  const table: ResourceKind = RESOURCE_KINDS[known];
  const isRoot = table.specAt === 'root';
  const problems: ShapeProblem[] = [];
  readShape(objectMetaShape, raw.get('metadata') ?? new Map(), ['metadata'], problems);
  readShape(
    table.spec,
    isRoot ? raw : (raw.get('spec') ?? new Map()),
    isRoot ? [] : ['spec'],
    problems,
  );
  return problems.map(({ kind: problem, path, message, hint }) => ({
    ...(problem === 'unknown-field'
      ? { code: 'MS0120', message: `strict decoding error: unknown field "${formatPath(path)}"` }
      : {
          code: 'MS0121',
          message: `The ${kind} "${metadata.name}" is invalid: ${formatPath(path)}: ${message}`,
        }),
    severity: 'error',
    path,
    ...(hint === undefined ? {} : { hint }),
  }));
}
