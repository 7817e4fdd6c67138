import { readFileSync } from 'node:fs';

/**
 * Parts of the engine that many runs do not need, or not to begin, by the modules through which the rest
 * calls them.
 * In the page's build each of these modules is stood for by one that loads the part when it is first called
 * (`engine/part.ts`); the modules themselves know nothing of it.
 */
const PARTS = {
  'access-logs': ['istiod/access-log/file-access-log.ts'],
  autoscaling: ['mesh/autoscaling/horizontal-autoscaler.ts'],
  delegates: ['istiod/model/virtual-service-match-merge.ts'],
  expectations: ['telemetry/query/expectation.ts'],
  failover: ['istiod/endpoints/failover.ts'],
  'gateway-api': ['istiod/gateway-api/gateway-api.ts'],
  'gateway-proxies': ['istiod/gateways/gateway-configuration.ts'],
  'header-formats': ['envoy/access-log/format.ts'],
  'health-checks': ['envoy/upstream/health-checker.ts', 'envoy/upstream/health-prober.ts'],
  'load-balancers': [
    'envoy/load-balancing/hash-load-balancer.ts',
    'envoy/load-balancing/subset.ts',
    'envoy/router/hash-policy.ts',
  ],
  outcome: [
    'mesh/coverage.ts',
    'mesh/explain-failure.ts',
    'scenario/behind-failure.ts',
    'scenario/run-blame.ts',
    'scenario/run-tables.ts',
  ],
  'outlier-detection': ['envoy/upstream/outlier-detector.ts'],
  'rare-kinds': [
    'config/validation/authorization-policy.ts',
    'config/validation/envoy-filter.ts',
    'config/validation/extensions.ts',
    'config/validation/gateway.ts',
    'config/validation/policies.ts',
    'config/validation/request-authentication.ts',
    'config/validation/service-entry.ts',
    'config/validation/sidecar.ts',
    'config/validation/workload-entry.ts',
  ],
  'rate-limits': ['envoy/filters/local-rate-limit.ts'],
  redirects: ['envoy/router/internal-redirect.ts'],
  replay: ['scenario/file/replay-file.ts'],
  rules: ['config/validation/destination-rule.ts', 'config/validation/virtual-service.ts'],
  tcp: ['envoy/tcp/tcp-proxy.ts'],
  trace: ['envoy/http/stream-trace.ts', 'envoy/http/trace-reasons.ts'],
  view: [
    'report/run-view-causes.ts',
    'report/run-view-expectations.ts',
    'report/run-view-flows.ts',
    'report/run-view-gauges.ts',
    'report/run-view-graph.ts',
    'report/run-view-latencies.ts',
    'report/run-view-requests.ts',
    'report/run-view-spans.ts',
    'report/run-view-steps.ts',
    'report/run-view-weights.ts',
  ],
  'written-yaml': ['source/yaml-alias.ts', 'source/yaml-convert.ts', 'source/yaml-document.ts'],
};

const HANDLE = '\0part:';
const CONTENT = '\0part-content:';
const STAND_IN = '\0stand-in:';

/** A plugin of the build; `web` and `src` are the folders' absolute paths. */
export function lazyParts(web, src) {
  const partOf = new Map(
    Object.entries(PARTS).flatMap(([part, files]) => files.map((file) => [src + file, part])),
  );
  return {
    name: 'lazy-parts',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if ([HANDLE, CONTENT].some((prefix) => source.startsWith(prefix))) return source;
      if (!/^[./]/.test(source) || importer === undefined || importer.startsWith(CONTENT))
        return null;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      const part = partOf.get(found?.id ?? '');
      const isInside = part !== undefined && partOf.get(importer) === part;
      return part === undefined || isInside ? null : STAND_IN + found.id;
    },
    load(id) {
      if (id.startsWith(HANDLE)) return handle(web, id.slice(HANDLE.length));
      if (id.startsWith(CONTENT))
        return PARTS[id.slice(CONTENT.length)]
          .map((file) => `export * from '${src}${file}';`)
          .join('\n');
      if (id.startsWith(STAND_IN)) {
        const file = id.slice(STAND_IN.length);
        return standIn(file, partOf.get(file));
      }
      return null;
    },
  };
}

function handle(web, part) {
  return `import { Part } from '${web}engine/part.ts';
export const part = new Part(() => import('${CONTENT}${part}'));`;
}

const EXPORTED =
  /^export ((?!interface|type)(?:const \w+ = (?:'[^']*'|\[\n(?: {2}'[^']*',\n)*\] as const)|.*))/gm;

/** Functions and classes can wait for what they stand for; plain texts and lists are there at once. */
function standIn(file, part) {
  const text = readFileSync(file, 'utf8');
  const exported = [...text.matchAll(EXPORTED)].map(([, rest]) => {
    const [, kind, name] = /^(function|class) (\w+)/.exec(rest) ?? [];
    if (kind === 'function')
      return `export const ${name} = (...args) => part.now().${name}(...args);`;
    if (kind === 'class')
      return `export const ${name} = function (...args) { return new (part.now().${name})(...args); };`;
    if (/^const \w+ = ('|\[$)/.test(rest.split('\n')[0]))
      return `export ${rest.replace(/ as const.*$/, '')};`;
    throw new Error(`${file}: a lazy part cannot export this: ${rest}`);
  });
  return [`import { part } from '${HANDLE}${part}';`, ...exported].join('\n');
}
