/** How each command is used, first thing in its help. */
const EXAMPLES: ReadonlyMap<string, string> = new Map([
  [
    'run',
    'meshsim run scenario.yaml\n  meshsim run scenario.yaml --seed 7 -o json\n  meshsim run scenario.yaml --set weight=20\n  helm template chart | meshsim run -',
  ],
  ['serve', 'meshsim serve\n  meshsim serve scenario.yaml --port 8080'],
  ['demo', 'meshsim demo\n  meshsim demo bookinfo\n  meshsim demo --list'],
  [
    'init',
    'meshsim init manifests\n  meshsim init manifests --out -\n  meshsim init manifests --metrics istio-metrics.txt --window 1h\n  meshsim init manifests --metrics catalog=k6-summary.json\n  meshsim init service-graph.yaml',
  ],
  [
    'compare',
    'meshsim compare scenario.yaml --with manifests/new.yaml --fail-on-regression\n  meshsim compare scenario.yaml fixed.yaml',
  ],
  [
    'sweep',
    'meshsim sweep scenario.yaml --vary clients.shop.load.rate=10/s..100/s:10/s --seeds 20\n  meshsim sweep scenario.yaml --find clients.shop.load.rate --until \'p99(latency{client="shop"}) > 250ms\'\n  meshsim sweep scenario.yaml --vary weight=5,10,20 --shard 1/4 --out part-1.json',
  ],
  ['merge', 'meshsim merge part-1.json part-2.json part-3.json part-4.json'],
  [
    'proxy-config',
    'meshsim proxy-config routes productpage-v1-1 -f manifests\n  meshsim pc c productpage-v1-1.default -f manifests -o json',
  ],
  [
    'analyze',
    'meshsim analyze manifests\n  meshsim analyze manifests -o json --failure-threshold Warning',
  ],
  ['envoy', 'meshsim envoy case.json\n  meshsim envoy case.json --against-envoy'],
  [
    'describe',
    'meshsim describe pod reviews-v1-1 -f manifests\n  meshsim describe service reviews.default -f manifests',
  ],
  [
    'route',
    'meshsim route -f manifests --from productpage-v1 http://reviews:9080/reviews/0 -H end-user:jason',
  ],
]);

export function examplesOf(command: string): string {
  return `Examples:\n  ${EXAMPLES.get(command) ?? ''}\n`;
}
