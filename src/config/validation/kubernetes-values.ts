import type { Path } from '#source/path.ts';
import { isSequence, member, type YamlValue } from '#source/yaml-value.ts';
import { MAX_REPLICAS } from '../kubernetes/workload.ts';
import type { Resource } from '../resource.ts';
import type { AdmissionFinding } from './admission-finding.ts';

const MAX_PORT = 65_535;

/**
 * Numbers of Kubernetes' own objects that the API server would refuse, as far as traffic depends on them:
 * ports, and how many pods there are. What is not written is not looked at.
 *
 * @source kubernetes: pkg/apis/core/validation/validation.go, validateServicePort, validateContainerPorts;
 *   pkg/apis/apps/validation/validation.go
 */
export function kubernetesFindings(resource: Resource): readonly AdmissionFinding[] {
  const spec = resource.raw.get('spec');
  switch (resource.kind) {
    case 'Service':
      return wrongPorts(resource, ['spec', 'ports'], member(spec, 'ports'), 'port');
    case 'Pod':
      return containerPorts(resource, ['spec'], spec);
    case 'Deployment':
    case 'StatefulSet':
    case 'ReplicaSet':
    case 'DaemonSet':
      return [
        ...wrongReplicas(resource, member(spec, 'replicas')),
        ...containerPorts(
          resource,
          ['spec', 'template', 'spec'],
          member(member(spec, 'template'), 'spec'),
        ),
      ];
    default:
      return [];
  }
}

function wrongReplicas(resource: Resource, replicas: YamlValue | undefined): AdmissionFinding[] {
  const path = ['spec', 'replicas'];
  if (typeof replicas !== 'number') return [];
  if (replicas < 0)
    return [refusal(resource, path, replicas, 'must be greater than or equal to 0')];
  if (replicas <= MAX_REPLICAS) return [];
  return [refusal(resource, path, replicas, `at most ${MAX_REPLICAS} pods are simulated`)];
}

function containerPorts(
  resource: Resource,
  base: Path,
  podSpec: YamlValue | undefined,
): AdmissionFinding[] {
  const containers = member(podSpec, 'containers');
  if (!isSequence(containers)) return [];
  return containers.flatMap((container, index) => {
    const path = [...base, 'containers', index, 'ports'];
    return wrongPorts(resource, path, member(container, 'ports'), 'containerPort');
  });
}

function wrongPorts(
  resource: Resource,
  base: Path,
  ports: YamlValue | undefined,
  key: string,
): AdmissionFinding[] {
  if (!isSequence(ports)) return [];
  return ports.flatMap((port, index) => {
    const number = member(port, key);
    if (typeof number !== 'number' || (number >= 1 && number <= MAX_PORT)) return [];
    const path = [...base, index, key];
    return [refusal(resource, path, number, `must be between 1 and ${MAX_PORT}, inclusive`)];
  });
}

function refusal(
  { kind, metadata }: Resource,
  path: Path,
  value: number,
  why: string,
): AdmissionFinding {
  const field = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  const message = `The ${kind} "${metadata.name}" is invalid: ${field.slice(1)}: Invalid value: ${value}: ${why}`;
  return { code: 'MS0130', severity: 'error', message, path };
}
