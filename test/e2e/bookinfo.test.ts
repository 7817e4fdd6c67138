import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWithShared } from '../needs.ts';
import { shared } from '../shared-data.ts';
import { folderOf, meshsim, summaryOf } from './cli-process.ts';

const BOOKINFO = shared('real/bookinfo');

/** A page as Bookinfo makes it, asked for through the gateway by readers and by jason. */
function scenario(manifests: readonly string[], extra = ''): string {
  const mesh = manifests.map((path) => `  - ${join(BOOKINFO, path)}`).join('\n');
  return `title: bookinfo
duration: 60s
mesh:
${mesh}
workloads:
  productpage-v1:
    calls:
      - { request: GET http://details:9080/details/0, onError: ignore }
      - { request: GET http://reviews:9080/reviews/0, onError: ignore }
    forward: [end-user]
  reviews-v2: { calls: [{ request: GET http://ratings:9080/ratings/0, onError: ignore }], forward: [end-user] }
  reviews-v3: { calls: [{ request: GET http://ratings:9080/ratings/0, onError: ignore }], forward: [end-user] }
clients:
  readers:
    through: istio-ingressgateway
    request: GET http://bookinfo.example.com:8080/productpage
    load: { rate: 40/s }
  jason:
    through: istio-ingressgateway
    request: GET http://bookinfo.example.com:8080/productpage
    headers: { end-user: jason }
    load: { rate: 2/s, arrivals: constant }
${extra}`;
}

const BASE = ['kube/bookinfo.yaml', 'networking/bookinfo-gateway.yaml'];
const RULES = [...BASE, 'networking/destination-rule-all.yaml'];

function run(manifests: readonly string[], extra?: string, args: readonly string[] = []) {
  const cwd = folderOf({ 'scenario.yaml': scenario(manifests, extra) });
  return summaryOf(['scenario.yaml', '--allow-outside', ...args], cwd);
}

/** Requests by subset of a service. */
function split(summary: ReturnType<typeof run>, service: string): Record<string, number> {
  const found = summary.splits.find(({ of }) => of === service);
  return Object.fromEntries(
    (found?.parts ?? []).map(({ name, requestCount }) => [name.split('|')[1] ?? '', requestCount]),
  );
}

const expectation = (that: string, is: string) => `expect:\n  - { that: '${that}', is: '${is}' }\n`;
const shareOf = (service: string, subset: string) =>
  `requests{destination_service="${service}.default.svc.cluster.local", subset="${subset}", source_workload=~".*v[0-9]"} / requests{destination_service="${service}.default.svc.cluster.local", source_workload=~".*v[0-9]"}`;

describeWithShared('Istio’s own Bookinfo', () => {
  it('serves every page through the gateway, calling details, reviews and ratings', () => {
    const summary = run(BASE);
    expect(summary.responses).toMatchObject([{ responseCode: 200, responseFlags: '-' }]);
    const edges = summary.edges.map(({ source, destination }) => `${source} ${destination}`);
    expect(edges).toEqual([
      'default/productpage-v1 default/details',
      'default/productpage-v1 default/reviews',
      'default/reviews-v2 default/ratings',
      'default/reviews-v3 default/ratings',
      'istio-system/istio-ingressgateway default/productpage',
    ]);
  });

  it('prefers the quickest of the versions a little, without a VirtualService (LEAST_REQUEST)', () => {
    const share = (version: string) =>
      `requests{destination_service=~"reviews.*", source_workload=~".+", destination_version="${version}"} / requests{destination_service=~"reviews.*", source_workload=~".+"}`;
    const summary = run(
      BASE,
      `expect:
  - { that: '${share('v1')}', is: 34%..45% }
  - { that: '${share('v2')}', is: 25%..34% }
  - { that: '${share('v3')}', is: 25%..34% }
`,
    );
    expect(summary.expectations.map(({ holds }) => holds)).toEqual([true, true, true]);
  });

  it('gives v2 its 10 % and v1 the rest under virtual-service-reviews-90-10.yaml', () => {
    const files = [...RULES, 'networking/virtual-service-reviews-90-10.yaml'];
    const summary = run(files, expectation(shareOf('reviews', 'v2'), '~10%'));
    expect(summary.expectations).toMatchObject([{ holds: true }]);
    expect(Object.keys(split(summary, 'reviews'))).toEqual(['v1', 'v2']);
    expect(summary.responses).toMatchObject([{ responseCode: 200 }]);
  });

  it.each([
    ['virtual-service-reviews-80-20.yaml', 'reviews', 'v2', '~20%'],
    ['virtual-service-reviews-50-v3.yaml', 'reviews', 'v3', '~50%'],
    ['virtual-service-reviews-v2-v3.yaml', 'reviews', 'v2', '~50%'],
    ['virtual-service-reviews-v3.yaml', 'reviews', 'v3', '== 100%'],
    ['virtual-service-all-v1.yaml', 'reviews', 'v1', '== 100%'],
    ['virtual-service-all-v1.yaml', 'details', 'v1', '== 100%'],
  ])('%s: %s|%s is %s', (file, service, subset, is) => {
    const summary = run(
      [...RULES, `networking/${file}`],
      expectation(shareOf(service, subset), is),
    );
    expect(summary.expectations).toMatchObject([{ holds: true }]);
  });

  it.each([
    ['virtual-service-reviews-test-v2.yaml', 'v1'],
    ['virtual-service-reviews-jason-v2-v3.yaml', 'v3'],
  ])('%s: jason gets v2, everybody else %s', (file, others) => {
    const summary = run([...RULES, `networking/${file}`]);
    const counts = split(summary, 'reviews');
    expect(counts['v2']).toBe(120);
    expect(Object.keys(counts).sort()).toEqual([others, 'v2'].sort());
  });

  it('virtual-service-ratings-test-abort.yaml: jason’s ratings fail with 500 FI, nobody else’s', () => {
    const files = [
      ...RULES,
      'networking/virtual-service-reviews-test-v2.yaml',
      'networking/virtual-service-ratings-test-abort.yaml',
    ];
    const summary = run(files);
    expect(summary.blame).toMatchObject([
      { requestCount: 120, responseCode: 500, responseFlags: 'FI' },
    ]);
    expect(summary.blame[0]?.cause?.object).toBe('VirtualService ratings');
  });

  it('virtual-service-ratings-test-delay.yaml: jason’s ratings take 7 s longer', () => {
    const files = [
      ...RULES,
      'networking/virtual-service-reviews-test-v2.yaml',
      'networking/virtual-service-ratings-test-delay.yaml',
    ];
    const summary = run(
      files,
      `expect:
  - { that: 'p50(latency{client="jason"})', is: '> 7s' }
  - { that: 'p99(latency{client="readers"})', is: '< 1s' }
`,
    );
    expect(summary.expectations).toMatchObject([{ holds: true }, { holds: true }]);
  });

  it('fault-injection-details-v1.yaml: every call of details is answered 555 FI by the caller’s proxy', () => {
    const summary = run([...RULES, 'networking/fault-injection-details-v1.yaml']);
    const [worst] = summary.blame;
    expect(worst).toMatchObject({
      responseCode: 555,
      responseFlags: 'FI',
      cause: { object: 'VirtualService details' },
    });
  });

  it('virtual-service-details-v2.yaml: no pod is v2, so every call is 503 UH, and the subset is to blame', () => {
    const summary = run([...RULES, 'networking/virtual-service-details-v2.yaml']);
    const [worst] = summary.blame;
    expect(worst).toMatchObject({
      responseCode: 503,
      responseFlags: 'UH',
      cause: { object: 'DestinationRule details' },
    });
    expect(worst?.cause?.setting).toContain('v2');
  });

  it.each([
    'virtual-service-ratings-db.yaml',
    'virtual-service-ratings-mysql.yaml',
    'virtual-service-ratings-mysql-vm.yaml',
  ])('%s: reviews go to v3, whose ratings have no pod: 503 UH', (file) => {
    const summary = run([...RULES, `networking/${file}`]);
    expect(Object.keys(split(summary, 'reviews'))).toEqual(['v3']);
    expect(summary.blame).toMatchObject([{ responseCode: 503, responseFlags: 'UH' }]);
  });

  it.each(['destination-rule-all-mtls.yaml', 'destination-rule-reviews.yaml'])(
    '%s changes nothing that is seen',
    (file) => {
      const summary = run([
        ...BASE,
        `networking/${file}`,
        'networking/virtual-service-reviews-v3.yaml',
      ]);
      expect(Object.keys(split(summary, 'reviews'))).toEqual(['v3']);
      expect(summary.responses).toMatchObject([{ responseCode: 200 }]);
    },
  );

  it('destination-rule-reviews.yaml picks hosts at random', () => {
    const table = meshsim([
      'proxy-config',
      'clusters',
      'productpage-v1-1',
      '-o',
      'json',
      '--fqdn',
      'reviews',
      '-f',
      join(BOOKINFO, BASE[0]!),
      join(BOOKINFO, 'networking/destination-rule-reviews.yaml'),
    ]);
    expect(JSON.parse(table.stdout)).toMatchObject([
      { lbPolicy: 'RANDOM' },
      { lbPolicy: 'RANDOM' },
      { lbPolicy: 'RANDOM' },
      { lbPolicy: 'RANDOM' },
    ]);
  });

  it.each(['certmanager-gateway.yaml', 'egress-rule-google-apis.yaml'])(
    '%s is read and does no harm',
    (file) => {
      const summary = run([...RULES, `networking/${file}`]);
      expect(summary.responses).toMatchObject([{ responseCode: 200 }]);
    },
  );

  it('answers 503 NC to every call of reviews without destination-rule-all.yaml, and says which line asks for the subset', () => {
    const files = [...BASE, 'networking/virtual-service-reviews-90-10.yaml'];
    const cwd = folderOf({ 'scenario.yaml': scenario(files) });
    const summary = summaryOf(['scenario.yaml', '--allow-outside'], cwd);
    const pages = summary.responses.reduce((sum, { requestCount }) => sum + requestCount, 0);
    const missing = summary.blame.filter(({ responseFlags }) => responseFlags === 'NC');
    expect(missing.reduce((sum, { requestCount }) => sum + requestCount, 0)).toBe(pages);
    const causes = missing.map(({ cause }) => cause);
    expect(causes.map((cause) => cause?.object)).toEqual([
      'VirtualService reviews',
      'VirtualService reviews',
    ]);
    expect(causes[0]?.setting).toMatch(/^subset: v1 /);
    expect(causes[1]?.setting).toMatch(/^subset: v2 /);
    // Where the two destinations stand in Istio's file.
    expect(causes.map((cause) => cause?.at?.line)).toEqual([10, 14]);
    expect(causes[0]?.at?.file).toMatch(/virtual-service-reviews-90-10\.yaml$/);
  });

  it('says so in the summary that people read, too', () => {
    const files = [...BASE, 'networking/virtual-service-reviews-90-10.yaml'];
    const cwd = folderOf({
      'scenario.yaml': scenario(
        files,
        expectation(
          'requests{destination_service=~"reviews.*", response_code="200"} / requests{destination_service=~"reviews.*"}',
          '>= 99%',
        ),
      ),
    });
    const { code, stdout } = meshsim(['run', 'scenario.yaml', '--allow-outside'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /503 NC .*VirtualService reviews, .*virtual-service-reviews-90-10\.yaml:10/,
    );
  });
});

describeWithShared('Online Boutique', () => {
  it('runs on its own manifests', () => {
    const boutique = shared('real/online-boutique');
    const cwd = folderOf({
      'scenario.yaml': `title: boutique
duration: 10s
mesh:
  - ${boutique}/kubernetes-manifests.yaml
  - ${boutique}/istio-manifests.yaml
workloads:
  frontend:
    calls:
      - POST grpc://productcatalogservice:3550/hipstershop.ProductCatalogService/ListProducts
      - POST grpc://currencyservice:7000/hipstershop.CurrencyService/GetSupportedCurrencies
clients:
  visitors:
    from: loadgenerator
    request: GET http://frontend/
    load: { rate: 20/s }
`,
    });
    const summary = summaryOf(['scenario.yaml', '--allow-outside'], cwd);
    expect(summary.responses).toMatchObject([{ responseCode: 200, responseFlags: '-' }]);
    expect(JSON.stringify(summary.edges)).toContain('productcatalogservice');
  });
});
