// W1, the mesh hop: client → sidecar (LEAST_REQUEST over 10) → server sidecar → instance of 16 servers → back,
// 100,000 requests/s Poisson, exponential service of 1 ms, default telemetry on, as Istio configures it.
// Usage: node bench/w1.mjs [REQUESTS] [DIST] ; prints CPU per request, the mean and the percentiles.
const count = Number(process.argv[2] ?? 300000);
const dist = process.argv[3] ?? '../dist/modules';
const load = (path) => import(`${dist}/${path}`);
const { Dispatcher } = await load('kernel/dispatcher.js');
const { randomStream } = await load('kernel/random.js');
const { log } = await load('kernel/math.js');
const { EnvoyProxy } = await load('envoy/proxy.js');
const { HeaderMap } = await load('envoy/http/header-map.js');
const { SimulatedNetwork } = await load('world/network.js');
const { UNKNOWN_WORKLOAD } = await load('telemetry/labels.js');
const { RunRecorder } = await load('telemetry/run-recorder.js');
const { ClientRequest } = await load('telemetry/recorder.js');
const { Histogram } = await load('telemetry/histogram.js');

const PROXY_NS = 50_000;
const NETWORK_NS = 200_000;
const HCM =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const UNLIMITED = {
  maxConnections: 4294967295,
  maxPendingRequests: 4294967295,
  maxRequests: 4294967295,
  maxRetries: 4294967295,
};

const cpuSeconds = () => {
  const usage = process.resourceUsage();
  return (usage.userCPUTime + usage.systemCPUTime) / 1e6;
};

const dispatcher = new Dispatcher();
const far = { requestNs: NETWORK_NS, responseNs: NETWORK_NS };
const near = { requestNs: 0, responseNs: 0 };
const ipOf = (address) => address.split(':')[0];
const network = new SimulatedNetwork(dispatcher, {
  pathBetween: (from, to) => (ipOf(from) === ipOf(to) ? near : far),
});
const recorder = new RunRecorder({ seed: 1, warmupNs: 0, trace: undefined });
function makeProxy(name, ip, snapshot) {
  const proxyId = recorder.internProxy({ ...UNKNOWN_WORKLOAD, name, workload: name });
  const proxy = new EnvoyProxy(
    { name, ip, nodeId: name, nodeCluster: name, locality: undefined, workerCount: 2 },
    {
      dispatcher,
      network,
      seed: 1,
      epochMs: 0,
      randomStream: (stream) => randomStream(1, stream),
      nextWorkerKey: (
        (random) => () =>
          random.below(1 << 30)
      )(randomStream(1, `proxy/${name}/connections`)),
      telemetry: {
        recorder,
        proxy: proxyId,
        clusterId: (cluster) =>
          recorder.internCluster({
            name: cluster,
            subset: '',
            service: cluster,
            serviceName: cluster,
            serviceNamespace: 'default',
          }),
        hostId: (address) =>
          recorder.internHost({ ...UNKNOWN_WORKLOAD, address, workload: 'server' }),
        routeId: (route) => recorder.internRoute(route),
      },
      observer: undefined,
    },
  );
  proxy.applyConfig({ parts: [snapshot] });
  return proxy;
}

const address = (ip, portValue) => ({ socketAddress: { address: ip, portValue } });
const hcm = (statPrefix, fields) => [
  {
    name: 'envoy.filters.network.http_connection_manager',
    typedConfig: { '@type': HCM, statPrefix, streamIdleTimeout: '0s', ...fields },
  },
];
const retryPolicy = {
  retryOn: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
  numRetries: 2,
  retriableStatusCodes: [503],
  retryHostPredicate: [{ name: 'envoy.retry_host_predicates.previous_hosts' }],
  hostSelectionRetryMaxAttempts: '5',
};
const route = (name, cluster, more) => ({
  name,
  match: { prefix: '/' },
  route: { cluster, timeout: '0s', ...more },
});
const OUTBOUND = 'outbound|80||server.default.svc.cluster.local';
const INBOUND = 'inbound|8080||';
const pods = Array.from({ length: 10 }, (_, index) => `10.0.1.${index + 1}`);

const clientProxy = makeProxy('client', '10.0.0.1', {
  listeners: [
    {
      name: 'virtualOutbound',
      address: address('0.0.0.0', 15001),
      useOriginalDst: true,
      trafficDirection: 'OUTBOUND',
      filterChains: [],
    },
    {
      name: '0.0.0.0_80',
      address: address('0.0.0.0', 80),
      bindToPort: false,
      trafficDirection: 'OUTBOUND',
      filterChains: [{ filters: hcm('outbound_0.0.0.0_80', { rds: { routeConfigName: '80' } }) }],
    },
  ],
  routes: [
    {
      name: '80',
      virtualHosts: [
        {
          name: 'server',
          domains: ['server', 'server.default'],
          includeRequestAttemptCount: true,
          routes: [route('default', OUTBOUND, { retryPolicy })],
        },
      ],
    },
  ],
  clusters: [
    {
      name: OUTBOUND,
      type: 'EDS',
      lbPolicy: 'LEAST_REQUEST',
      connectTimeout: '10s',
      circuitBreakers: { thresholds: [UNLIMITED] },
      commonLbConfig: {},
    },
  ],
  endpoints: [
    {
      clusterName: OUTBOUND,
      endpoints: [
        { lbEndpoints: pods.map((ip) => ({ endpoint: { address: address(ip, 8080) } })) },
      ],
    },
  ],
});

/** 16 servers and an endless queue; exponential service. */
class Instance {
  busy = 0;
  queue = [];
  head = 0;
  random = randomStream(1, 'service');
  response = { status: 200, headers: new HeaderMap(), bodyBytes: 100, bodyText: '' };
  free = [];
  accept() {
    return this;
  }
  onRequest(exchange) {
    if (this.busy < 16) {
      this.busy++;
      this.serve(exchange);
    } else this.queue.push(exchange);
  }
  serve(exchange) {
    const job = this.free.pop() ?? new Job(this);
    job.exchange = exchange;
    dispatcher.schedule(Math.floor(-log(1 - this.random.uniform()) * 1e6), job, 0);
  }
  done(job) {
    const { exchange } = job;
    this.free.push(job);
    if (this.head < this.queue.length) {
      this.serve(this.queue[this.head]);
      this.queue[this.head++] = undefined;
      if (this.head > 1024) {
        this.queue = this.queue.slice(this.head);
        this.head = 0;
      }
    } else this.busy--;
    exchange.server.respond(exchange, this.response, true);
  }
  onRequestReset() {}
  onClientClose() {}
}
class Job {
  exchange = undefined;
  constructor(instance) {
    this.instance = instance;
  }
  onEvent() {
    this.instance.done(this);
  }
}

const traversal = { requestNs: PROXY_NS, responseNs: PROXY_NS };
const inwards = { requestNs: PROXY_NS, responseNs: 0 };
for (const ip of pods) {
  const proxy = makeProxy(`server-${ip}`, ip, {
    listeners: [
      {
        name: 'virtualInbound',
        address: address('0.0.0.0', 15006),
        trafficDirection: 'INBOUND',
        filterChains: [
          {
            filterChainMatch: { destinationPort: 8080 },
            filters: hcm('inbound_0.0.0.0_8080', {
              routeConfig: {
                name: INBOUND,
                virtualHosts: [
                  {
                    name: 'inbound|http|8080',
                    domains: ['*'],
                    routes: [route('default', INBOUND)],
                  },
                ],
              },
            }),
          },
        ],
      },
    ],
    routes: [],
    clusters: [
      {
        name: INBOUND,
        type: 'STATIC',
        connectTimeout: '10s',
        circuitBreakers: { thresholds: [UNLIMITED] },
        loadAssignment: {
          clusterName: INBOUND,
          endpoints: [{ lbEndpoints: [{ endpoint: { address: address(ip, 8080) } }] }],
        },
      },
    ],
    endpoints: [],
  });
  network.listen(`${ip}:8080`, proxy.acceptor(15006), 'outside', traversal);
  network.listen(`${ip}:8080`, new Instance(), 'inside');
}

/** Open loop over as many keep-alive connections as it needs. */
class Client {
  started = 0;
  finished = 0;
  failed = 0;
  histogram = new Histogram();
  arrivals = randomStream(1, 'arrivals');
  request = {
    method: 'GET',
    path: '/items',
    authority: 'server',
    scheme: 'http',
    headers: HeaderMap.of([['user-agent', 'bench']]),
    bodyBytes: 0,
  };
  free = [];
  record = new ClientRequest();
  id = recorder.internClient({ ...UNKNOWN_WORKLOAD, name: 'client' });
  onEvent() {
    const user = this.free.pop() ?? new User(this);
    user.start();
    if (++this.started < count)
      dispatcher.schedule(Math.floor(-log(1 - this.arrivals.uniform()) * 10_000), this, 0);
  }
}
class User {
  constructor(client) {
    this.client = client;
    this.connection = undefined;
    this.isConnected = false;
    this.rootNumber = 0;
    this.streamHash = 12345;
    this.callPathHash = 0;
    this.attempt = 1;
    this.startNs = 0;
  }
  start() {
    this.startNs = dispatcher.nowNs;
    this.rootNumber = this.client.started + 1;
    if (this.isConnected) this.send();
    else {
      const options = {
        protocol: 'http/1.1',
        tls: undefined,
        sourceAddress: '10.0.0.1:1',
        originalDestination: '10.96.0.1:80',
        workerKey: this.rootNumber,
        sourceProxy: -1,
      };
      this.connection = network.connectTo(
        clientProxy.acceptor(15001),
        inwards,
        '10.0.0.1:15001',
        options,
        this,
      );
    }
  }
  onConnected() {
    this.isConnected = true;
    this.send();
  }
  onConnectFailure() {
    throw new Error('refused');
  }
  onRemoteClose() {
    this.isConnected = false;
  }
  onGoAway() {}
  send() {
    this.connection.send(this.connection.newExchange(this.client.request, this, this, 1));
  }
  onResponseHeaders(exchange, response, endStream, nowNs) {
    if (!endStream) return;
    const { client } = this;
    const { record } = client;
    client.finished++;
    if (response.status !== 200) client.failed++;
    record.client = client.id;
    record.number = this.rootNumber;
    record.intendedNs = this.startNs;
    record.endNs = nowNs;
    record.code = response.status;
    record.attempts = 1;
    record.row = exchange.row;
    recorder.clientRequest(record);
    client.histogram.record(nowNs - this.startNs);
    client.free.push(this);
  }
  onResponseEnd() {}
  onResponseReset() {
    this.client.failed++;
  }
}

const client = new Client();
const startSeconds = cpuSeconds();
dispatcher.schedule(0, client, 0);
while (client.finished < count) dispatcher.runUntil(dispatcher.nowNs + 10_000_000);
const microseconds = ((cpuSeconds() - startSeconds) / count) * 1e6;
const { histogram } = client;
console.log(
  JSON.stringify({
    workload: 'W1',
    requests: count,
    failed: client.failed,
    usPerRequest: Number(microseconds.toFixed(3)),
    eventsPerRequest: Number((dispatcher.eventCount / count).toFixed(2)),
    meanUs: Math.round(histogram.mean / 1000),
    p50Us: Math.round(histogram.valueAt(0.5) / 1000),
    p99Us: Math.round(histogram.valueAt(0.99) / 1000),
  }),
);
