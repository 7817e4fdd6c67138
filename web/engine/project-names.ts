import { readYaml } from '#source/yaml-read.ts';
import {
  isMapping,
  isSequence,
  member,
  textMember,
  type YamlMapping,
  type YamlValue,
} from '#source/yaml-value.ts';
import type { Project } from './protocol.ts';

/** What the objects of a project are called: the editor offers it where such a name may stand. */
export interface ProjectNames {
  /** Of Services, ServiceEntries and VirtualServices, as short as they may be written. */
  readonly hosts: readonly string[];
  /** Of Services' ports, as a request of the scenario begins: `http://catalog:8080/`. */
  readonly urls: readonly string[];
  readonly subsets: readonly { readonly name: string; readonly host: string }[];
  readonly gateways: readonly string[];
  readonly namespaces: readonly string[];
  readonly workloads: readonly string[];
  readonly serviceAccounts: readonly string[];
  /** Of pods, by which they are selected: each value of each key. */
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  /** Paths, beside the scenario. */
  readonly files: readonly string[];
}

const WORKLOADS = /^(Deployment|StatefulSet|DaemonSet|ReplicaSet|Pod|WorkloadGroup)$/;

/** Of every object that parses, each name once, in order. */
export function projectNames({ scenario, files }: Project): ProjectNames {
  const hosts = new Set<string>();
  const urls = new Set<string>();
  const labels = new Map<string, { readonly key: string; readonly value: string }>();
  const subsets = new Map<string, { readonly name: string; readonly host: string }>();
  const gateways = new Set<string>();
  const namespaces = new Set<string>();
  const workloads = new Set<string>();
  const serviceAccounts = new Set<string>();
  for (const object of objectsOf(files)) {
    const kind = textMember(object, 'kind') ?? '';
    const metadata = object.get('metadata');
    const name = textMember(metadata, 'name') ?? '';
    const spec = object.get('spec');
    namespaces.add(textMember(metadata, 'namespace') ?? '');
    if (kind === 'Namespace') namespaces.add(name);
    if (kind === 'Service') hosts.add(name);
    if (kind === 'Service') for (const port of portsOf(spec)) urls.add(urlOf(name, port));
    if (/^(ServiceEntry|VirtualService)$/.test(kind)) for (const it of hostsOf(spec)) hosts.add(it);
    if (kind === 'Gateway') gateways.add(name);
    if (kind === 'ServiceAccount') serviceAccounts.add(name);
    if (WORKLOADS.test(kind)) workloads.add(name);
    if (WORKLOADS.test(kind))
      for (const label of labelsOf(object)) labels.set(`${label.key} ${label.value}`, label);
    if (kind === 'DestinationRule')
      for (const subset of subsetsOf(spec)) subsets.set(`${subset.name} ${subset.host}`, subset);
  }
  return {
    hosts: inOrder(hosts),
    urls: inOrder(urls),
    subsets: [...subsets.values()],
    gateways: inOrder(gateways),
    namespaces: inOrder(namespaces),
    workloads: inOrder(workloads),
    serviceAccounts: inOrder(serviceAccounts),
    labels: [...labels.keys()].sort().map((text) => labels.get(text)!),
    files: inOrder(Object.keys(files)).filter((path) => path !== scenario),
  };
}

function objectsOf(files: Project['files']): readonly YamlMapping[] {
  return Object.entries(files)
    .filter(([path]) => /\.(ya?ml|json)$/.test(path))
    .flatMap(([path, text]) => readYaml(path, text, 'kubernetes').documents)
    .flatMap(({ value }) => [value, ...inlineObjects(value)])
    .filter(isMapping);
}

/** A scenario may hold objects itself. */
function inlineObjects(value: YamlValue): readonly YamlValue[] {
  const mesh = member(value, 'mesh');
  return isSequence(mesh) ? mesh : [];
}

function portsOf(spec: YamlValue | undefined): readonly YamlValue[] {
  const ports = member(spec, 'ports');
  return isSequence(ports) ? ports.flatMap((port) => member(port, 'port') ?? []) : [];
}

function urlOf(host: string, port: YamlValue): string {
  return Number(port) === 80 ? `http://${host}/` : `http://${host}:${Number(port)}/`;
}

/** Of the pods that an object makes, or of a pod itself. */
function labelsOf(object: YamlMapping) {
  const spec = object.get('spec');
  const owner = member(spec, 'template') ?? object;
  const labels = member(member(owner, 'metadata'), 'labels');
  if (labels === undefined || !isMapping(labels)) return [];
  return [...labels].flatMap(([key, value]) => (typeof value === 'string' ? [{ key, value }] : []));
}

function hostsOf(spec: YamlValue | undefined): readonly string[] {
  const hosts = member(spec, 'hosts');
  return isSequence(hosts) ? hosts.filter((host) => typeof host === 'string') : [];
}

function subsetsOf(spec: YamlValue | undefined) {
  const subsets = member(spec, 'subsets');
  const host = textMember(spec, 'host') ?? '';
  return (isSequence(subsets) ? subsets : []).flatMap((subset) => {
    const name = textMember(subset, 'name');
    return name === undefined ? [] : [{ name, host }];
  });
}

function inOrder(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].filter((name) => name !== '').sort();
}
