// What one choice of a host costs, by policy, in a cluster of HOSTS hosts; and how many bytes it allocates.
// Usage: node --expose-gc bench/load-balancing.mjs [HOSTS]

import { balancerOf, contextOf } from '../dist/modules/envoy/load-balancing/balancer-builder.js';
import { hostsOf } from '../dist/modules/envoy/upstream/host-builder.js';
import { randomStream } from '../dist/modules/kernel/random.js';
import { xxHash64 } from '../dist/modules/kernel/xxhash64.js';
import { printMeasured } from './measured-loop.mjs';

const hostCount = Number(process.argv[2] ?? 10);
const choices = 2e6;
const plain = contextOf({});
const users = Array.from({ length: 1024 }, (_, index) =>
  contextOf({ hash: xxHash64(`user-${index}`) }),
);
const hosts = (weightOf) =>
  hostsOf(Array.from({ length: hostCount }, (_, index) => ({ weight: weightOf(index) })));
const half = (priority) => ({ priority, hosts: ejectHalf(hosts(() => 1)) });

function ejectHalf(all) {
  for (let index = 0; index < all.length; index += 2) all[index].setFlag(2);
  return all;
}

const equal = [{ hosts: hosts(() => 1) }];
const weighted = [{ hosts: hosts((index) => (index % 3) + 1) }];
const CASES = [
  ['ROUND_ROBIN', {}, equal],
  ['ROUND_ROBIN, unequal weights', {}, weighted],
  ['ROUND_ROBIN, two half-healthy priorities', {}, [half(0), half(1)]],
  ['LEAST_REQUEST', { lbPolicy: 'LEAST_REQUEST' }, equal],
  ['LEAST_REQUEST, unequal weights', { lbPolicy: 'LEAST_REQUEST' }, weighted],
  ['RANDOM', { lbPolicy: 'RANDOM' }, equal],
  ['RING_HASH', { lbPolicy: 'RING_HASH' }, equal, users],
  ['MAGLEV', { lbPolicy: 'MAGLEV' }, equal, users],
];

for (const [what, cluster, hostSets, contexts = [plain]] of CASES) {
  const { balancer } = balancerOf(cluster, hostSets, { random: randomStream(1, 'lb') });
  const run = (count) => {
    for (let index = 0; index < count; index++) {
      balancer.chooseHost(contexts[index & (contexts.length - 1)]);
    }
  };
  printMeasured(what, 42, choices, run);
}
