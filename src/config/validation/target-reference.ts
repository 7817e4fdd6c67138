import type { Path } from '#source/path.ts';
import type { TargetReference } from '../istio/target-reference.ts';
import { Findings } from './findings.ts';
import { checkPolicySelector } from './labels.ts';

/** What says whom a policy is for. */
interface Targeted {
  readonly selector: { readonly matchLabels: ReadonlyMap<string, string> } | undefined;
  readonly targetRef?: TargetReference | undefined;
  readonly targetRefs: readonly TargetReference[];
}

/**
 * Whom a policy is for: one way to say it, and each well said.
 *
 * @source istio: pkg/config/validation/validation.go, validateOneOfSelectorType, validatePolicyTargetReferences
 */
export function checkTargets({ selector, targetRef, targetRefs }: Targeted): Findings {
  const findings = new Findings();
  const kinds = [selector !== undefined, targetRef !== undefined, targetRefs.length > 0];
  if (kinds.filter(Boolean).length > 1)
    findings.error(['spec'], 'only one of targetRefs or workloadSelector can be set');
  findings.add(checkPolicySelector(selector, ['spec', 'selector']));
  if (targetRef !== undefined) checkTargetRef(targetRef, ['spec', 'targetRef'], findings);
  targetRefs.forEach((ref, index) => {
    checkTargetRef(ref, ['spec', 'targetRefs', index], findings);
  });
  return findings;
}

const TARGETS =
  '[core/v1/Service networking.istio.io/v1/ServiceEntry gateway.networking.k8s.io/v1/Gateway gateway.networking.k8s.io/v1/GatewayClass]';
const TARGET_KINDS = new Set([
  'core/Service',
  'networking.istio.io/ServiceEntry',
  'gateway.networking.k8s.io/Gateway',
  'gateway.networking.k8s.io/GatewayClass',
]);

/** @source istio: pkg/config/validation/validation.go, validatePolicyTargetReference */
function checkTargetRef(ref: TargetReference, path: Path, findings: Findings): void {
  if (ref.name === '') findings.error(path, 'targetRef name must be set');
  if (ref.namespace !== '')
    findings.error(
      [...path, 'namespace'],
      'targetRef namespace must not be set; cross namespace referencing is not supported',
    );
  const group = ref.group === '' ? 'core' : ref.group;
  if (!TARGET_KINDS.has(`${group}/${ref.kind}`))
    findings.error(path, `targetRef must be to one of ${TARGETS} but was ${ref.group}/${ref.kind}`);
}
