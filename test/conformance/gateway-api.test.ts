import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { loadText } from '#config/loader.ts';
import type { Resource } from '#config/resource.ts';
import { kindOfObject } from '#config/resource-kinds.ts';
import { storeOf } from '#config/resource-store.ts';
import { derivedConfigs } from '#istiod/gateway-api/gateway-api.ts';
import { derivedResource } from '#istiod/gateway-api/made-config.ts';
import { gatewayApiStatuses } from '#istiod/gateway-api/statuses.ts';
import { describeWithShared } from '../needs.ts';
import { SHARED, shared } from '../shared-data.ts';
import { clusterOf, GATEWAY_SERVICES } from './gateway-api-cluster.ts';

const FOLDER = shared('real/gateway-api-conversion');

interface Config {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
}

/** Files all of whose objects are of kinds that are read. */
const names = (SHARED === undefined ? [] : readdirSync(FOLDER))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))
  .filter((name) =>
    loadText(name, readFileSync(join(FOLDER, `${name}.yaml`), 'utf8')).resources.every(isRead),
  );

function isRead({ apiVersion, kind }: Resource): boolean {
  return kindOfObject(apiVersion, kind) !== undefined;
}

function wanted(file: string): readonly Config[] {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  return ordered(
    parseAllDocuments(text).flatMap((document) => {
      const value: Config | null = document.toJS();
      return value === null ? [] : [value];
    }),
  );
}

function derived(name: string): readonly Config[] {
  const input = loadText(name, readFileSync(join(FOLDER, `${name}.yaml`), 'utf8'));
  const store = storeOf(clusterOf(input), []);
  const options = { domain: 'domain.suffix', asWritten: true, isWholeCluster: true };
  const configs = derivedConfigs(store, options).map((config) => derivedResource(config).raw);
  // The raw objects are JSON with Maps in place of objects.
  return ordered(JSON.parse(JSON.stringify(configs, withObjects)) as Config[]);
}

/** The statuses that istiod writes, of objects of the kinds that are read. */
function wantedStatuses(name: string): readonly Config[] {
  const times = /"lastTransitionTime":"fake",/g;
  const configs = wanted(`${name}.status.yaml.golden`).filter(({ kind }) => STATUS_KINDS.has(kind));
  return JSON.parse(JSON.stringify(configs).replaceAll(times, '')) as Config[];
}

const STATUS_KINDS = new Set([
  'GatewayClass',
  'Gateway',
  'HTTPRoute',
  'GRPCRoute',
  'TCPRoute',
  'TLSRoute',
]);

function writtenStatuses(name: string): readonly Config[] {
  const input = loadText(name, readFileSync(join(FOLDER, `${name}.yaml`), 'utf8'));
  const store = storeOf(clusterOf(input), []);
  const options = { domain: 'domain.suffix', asWritten: true, isWholeCluster: true };
  const statuses = gatewayApiStatuses(store, options, GATEWAY_SERVICES).map(
    ({ resource, status }) => ({
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      metadata: metadataOf(resource),
      spec: null,
      status,
    }),
  );
  return ordered(JSON.parse(JSON.stringify(statuses, withObjects)) as Config[]);
}

function metadataOf({ metadata }: Resource): object {
  const { name, namespace } = metadata;
  return namespace === '' ? { name } : { name, namespace };
}

function withObjects(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

function ordered(configs: readonly Config[]): readonly Config[] {
  const key = ({ kind, metadata }: Config) => `${kind} ${metadata.namespace} ${metadata.name}`;
  return [...configs].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Files that name kinds which istiod only reads behind a flag, and why each can not be the same. */
const BEYOND: ReadonlyMap<string, string> = new Map([
  ['http', 'a backend of kind InferencePool, with the flag for it set'],
]);

describeWithShared('what istiod derives from the Gateway API', () => {
  it.each(names.filter((name) => !BEYOND.has(name)))('%s: as Istio has it', (name) => {
    expect(derived(name)).toEqual(wanted(`${name}.yaml.golden`));
  });

  it.each(names.filter((name) => BEYOND.has(name)))(
    '%s: as Istio has it, but for inference pools',
    (name) => {
      const text = (config: Config) => JSON.stringify(config);
      const others = wanted(`${name}.yaml.golden`).filter(
        (config) => !text(config).includes('infpool'),
      );
      expect(others.length).toBeGreaterThan(5);
      const mine = derived(name);
      const keys = new Set(others.map(({ metadata }) => metadata.name));
      expect(mine.filter(({ metadata }) => keys.has(metadata.name))).toEqual(others);
    },
  );

  it.each(names)('%s: the statuses of its objects as Istio writes them', (name) => {
    const isOfPools = (config: Config) => JSON.stringify(config).includes('InferencePool');
    const goldens = wantedStatuses(name);
    expect(goldens.length).toBeGreaterThan(0);
    const pools = new Set(goldens.filter(isOfPools).map(({ metadata }) => metadata.name));
    const isRest = ({ metadata }: Config) => !pools.has(metadata.name);
    expect(writtenStatuses(name).filter(isRest)).toEqual(goldens.filter(isRest));
  });
});
