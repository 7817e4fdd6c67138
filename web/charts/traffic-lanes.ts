import type { RunView, ViewFlow } from '#report/run-view.ts';
import { flagsColour, flagsInk, versionColour } from '../state/colours.ts';
import {
  bucketsOf,
  clientFlows,
  countIn,
  edgeFlows,
  grouped,
  isFailure,
  sumIn,
  sumsOf,
  versionOf,
  wholeOf,
} from '../state/flow-sums.ts';
import { outcomeText, percentText, shortNumber } from '../state/formats.ts';
import { select } from '../state/selecting.ts';
import {
  type LaneContext,
  type LaneModel,
  perSecond,
  type Series,
  smoothed,
  upToFront,
  valueAt,
} from './lane-model.ts';

/** The service whose versions are shown: the one that is split by weights, else the most versions. */
export function splitService(view: RunView): string | undefined {
  const byService = grouped(
    edgeFlows(view).filter((flow) => versionOf(flow) !== ''),
    (flow) => view.edges[flow.edge]!.service,
  );
  const weighted = view.weights.map(({ host }) => host.split('.')[0]);
  const ranked = [...byService]
    .map(([service, flows]) => ({
      service,
      versions: new Set(flows.map(versionOf)).size,
      isWeighted: weighted.includes(service.split('/').at(-1)),
    }))
    .filter(({ versions, isWeighted }) => versions > 1 || isWeighted)
    .sort((a, b) => Number(b.isWeighted) - Number(a.isWeighted) || b.versions - a.versions);
  return ranked[0]?.service;
}

function versionFlows(view: RunView) {
  const service = splitService(view);
  const flows = edgeFlows(view).filter((flow) => view.edges[flow.edge]!.service === service);
  return [...grouped(flows, versionOf)].filter(([name]) => name !== '').sort(byName);
}

export function splitLane({ view, windowNs }: LaneContext): LaneModel {
  const versions = versionFlows(view);
  const total = versions.reduce((sum, [, flows]) => sum + sumIn(flows, wholeOf(view)), 0);
  const last = versions.at(-1);
  const size = smoothingFor(view, total);
  const counts = versions.map(([, flows]) => smoothed(sumsOf(view, flows), size));
  const sums = new Float64Array(view.bucketCount);
  for (const values of counts)
    for (let bucket = 0; bucket < sums.length; bucket++) sums[bucket]! += values[bucket]!;
  const series = versions.map(([name, flows], index): Series => {
    const colour = versionColour(view, name);
    const share = sumIn(flows, wholeOf(view)) / total;
    return {
      name,
      colour,
      values: upToFront(
        view,
        counts[index]!.map((count, bucket) => count / sums[bucket]!),
      ),
      label: `${name} ${percentText(share)}`,
      select: () => select({ version: name }),
    };
  });
  const shares = series.map(({ label }) => label).join(', ');
  return {
    id: 'split',
    title: 'Traffic by version',
    reading: (atNs) => {
      if (last === undefined) return [{ text: 'no versions' }];
      const window = bucketsOf(view, atNs - windowNs, atNs);
      const inWindow = versions.reduce((sum, [, flows]) => sum + sumIn(flows, window), 0);
      const seconds = ((window.to - window.from) * view.bucketNs) / 1e9;
      return [
        { text: `${last[0]} ` },
        { text: percentText(sumIn(last[1], window) / inWindow), isStrong: true },
        { text: ` · ${shortNumber(inWindow / seconds)} rps` },
      ];
    },
    summary: last === undefined ? 'No traffic to versions.' : `Traffic by version: ${shares}.`,
    plot: { kind: 'shares', series, wanted: wantedShares(view, last?.[0]) },
  };
}

/** The configured share of all versions but the last, from each change on. */
function wantedShares(view: RunView, last: string | undefined) {
  const service = splitService(view)?.split('/').at(-1);
  const ofService = view.weights.filter(({ host }) => host.split('.')[0] === service);
  const route = ofService.find(({ parts }) => parts.length > 1)?.route;
  return ofService
    .filter((weights) => weights.route === route)
    .map(({ fromNs, parts }) => {
      const sum = parts.reduce((total, { weight }) => total + weight, 0);
      const lastWeight = parts.find(({ name }) => name === last)?.weight ?? 0;
      return { fromNs, share: sum === 0 ? 0 : 1 - lastWeight / sum };
    });
}

/** About ten requests and more make a point of a share. */
function smoothingFor(view: RunView, total: number): number {
  const perBucket = total / view.bucketCount;
  return Math.min(10, Math.max(1, Math.ceil(12 / Math.max(perBucket, 0.1))));
}

export function rateLane({ view }: LaneContext): LaneModel {
  const series = versionFlows(view).map(
    ([name, flows]): Series => ({
      name,
      colour: versionColour(view, name),
      values: perSecond(view, sumsOf(view, flows)),
      label: name,
      select: () => select({ version: name }),
    }),
  );
  return {
    id: 'rate',
    title: 'Rate by version',
    reading: (atNs) => readingOf(view, series, atNs, rateTick),
    summary: `Requests a second to ${series.length} versions.`,
    plot: { kind: 'lines', series, limits: [], tick: shortNumber },
  };
}

export function codesLane({ view, former, windowNs }: LaneContext): LaneModel {
  if (former !== undefined) return failuresLane(view, former, windowNs);
  const flows = clientFlows(view);
  const shown = flows.filter(({ code, flags }) => code >= 400 || flags !== '-');
  const series = [...grouped(shown, ({ code, flags }) => outcomeText(code, flags))]
    .map(([name, group]): Series & { readonly total: number } => {
      const { code, flags } = group[0]!;
      const total = sumIn(group, wholeOf(view));
      return {
        name,
        total,
        colour: flagsColour(flags),
        ink: flagsInk(flags),
        values: perSecond(view, sumsOf(view, group)),
        label: `${shortOutcome(code, flags)} ${total}`,
        select: () => select({ code, flags }),
      };
    })
    .sort((a, b) => b.total - a.total)
    .map((one, _, all) => {
      const isAlone = all.filter(({ label }) => nameOf(label) === nameOf(one.label)).length === 1;
      return isAlone ? one : { ...one, label: `${one.name} ${one.total}` };
    });
  const good = sumIn(flows, wholeOf(view)) - sumIn(shown, wholeOf(view));
  return {
    id: 'codes',
    title: 'Codes and flags',
    reading: (atNs) => [
      ...readingOf(view, series.slice(0, 2), atNs, rateTick),
      { text: series.length === 0 ? '200 not drawn: ' : ' · 200 not drawn: ' },
      { text: String(good), isStrong: true },
    ],
    summary:
      series.length === 0
        ? `All ${good} requests were answered well.`
        : `Codes and flags: ${series.map(({ name, total }) => `${total} ${name}`).join(', ')}.`,
    plot: { kind: 'bars', series, tick: rateOnAxis },
  };
}

/** By the first flag, where there is one. */
function shortOutcome(code: number, flags: string): string {
  return flags === '-' ? String(code) : (flags.split(',')[0] ?? flags);
}

function nameOf(label: string): string {
  return label.replace(/ \d+$/, '');
}

function failuresLane(view: RunView, former: RunView, windowNs: number): LaneModel {
  const failing = (run: RunView) => clientFlows(run).filter(isFailure);
  const at = (run: RunView, atNs: number) =>
    sumIn(failing(run), bucketsOf(run, atNs - windowNs, atNs)) / (windowNs / 1e9);
  const a = perSecond(former, sumsOf(former, failing(former)));
  const b = perSecond(view, sumsOf(view, failing(view)));
  const totals = [former, view].map((run) => sumIn(failing(run), wholeOf(run)));
  const colour = 'var(--failing)';
  return {
    id: 'codes',
    title: 'Failed requests/s',
    reading: (atNs) => [
      { text: 'A ' },
      { text: shortNumber(at(former, atNs)), isStrong: true },
      { text: ' · B ' },
      { text: `${shortNumber(at(view, atNs))}/s`, isStrong: true },
    ],
    summary: `Failed requests: ${totals[0]} in A, ${totals[1]} in B.`,
    plot: {
      kind: 'lines',
      series: [
        { name: 'A', values: a, colour, label: `A ${totals[0]}` },
        { name: 'B', values: b, colour, label: `B ${totals[1]}`, isFormer: true },
      ],
      limits: [],
      tick: shortNumber,
      difference: { values: minus(b, a), good: -1, unit: '/s' },
    },
  };
}

export function successLane({ view, former }: LaneContext): LaneModel {
  const share = (run: RunView) => {
    const all = sumsOf(run, clientFlows(run));
    const failed = sumsOf(run, clientFlows(run).filter(isFailure));
    return all.map((count, bucket) => 1 - failed[bucket]! / count);
  };
  const colour = 'var(--healthy)';
  const series: Series[] = [{ name: 'success', values: share(view), colour, label: 'success' }];
  if (former !== undefined)
    series.push({ name: 'A', values: share(former), colour, label: 'A', isThin: true });
  return {
    id: 'success',
    title: 'Success rate',
    reading: (atNs) => readingOf(view, series, atNs, percentText),
    summary: 'Share of requests that did not fail.',
    plot: { kind: 'lines', series, limits: [], tick: percentText },
  };
}

export function loadLane({ view, former, windowNs }: LaneContext): LaneModel {
  const flows = clientFlows(view);
  const good = flows.filter((flow) => !isFailure(flow) && flow.code < 400);
  const goodput = perSecond(view, sumsOf(view, good));
  const offered = perSecond(view, sumsOf(view, flows));
  if (former !== undefined) {
    const goodBefore = clientFlows(former).filter((flow) => !isFailure(flow) && flow.code < 400);
    const a = perSecond(former, sumsOf(former, goodBefore));
    const colour = 'var(--healthy)';
    return {
      id: 'load',
      title: 'Goodput',
      reading: () => [{ text: 'A solid, B dashed' }],
      summary: 'Requests answered well, a second, in both runs.',
      plot: {
        kind: 'lines',
        series: [
          { name: 'A', values: a, colour, label: `A ${sumIn(goodBefore, wholeOf(former))}` },
          {
            name: 'B',
            values: goodput,
            colour,
            isFormer: true,
            label: `B ${sumIn(good, wholeOf(view))}`,
          },
        ],
        limits: [],
        tick: rateOnAxis,
        difference: { values: minus(goodput, a), good: 1, unit: '/s' },
      },
    };
  }
  return {
    id: 'load',
    title: 'Offered, attempted, goodput',
    reading: (atNs) => {
      const window = bucketsOf(view, atNs - windowNs, atNs);
      const seconds = ((window.to - window.from) * view.bucketNs) / 1e9;
      return [
        { text: shortNumber(sumIn(flows, window) / seconds), isStrong: true },
        { text: ' offered · ' },
        { text: `${shortNumber(sumIn(good, window) / seconds)}/s`, isStrong: true },
        { text: ' good' },
      ];
    },
    summary: `${sumIn(flows, wholeOf(view))} requests offered, ${sumIn(good, wholeOf(view))} answered well.`,
    plot: {
      kind: 'lines',
      series: [
        {
          name: 'attempted',
          values: perSecond(view, attemptsOf(flows, view)),
          colour: 'var(--s6)',
          ink: 'var(--s6-ink)',
          label: 'attempted',
          isThin: true,
        },
        {
          name: 'offered',
          values: offered,
          colour: 'var(--s8)',
          ink: 'var(--muted)',
          label: 'offered',
          isThin: true,
          fill: { colour: 'var(--failing)', to: goodput },
        },
        { name: 'goodput', values: goodput, colour: 'var(--healthy)', label: 'goodput' },
      ],
      limits: [],
      tick: rateOnAxis,
    },
  };
}

const MOST_TIERS = 4;
const TIER_COLOURS = ['s6', 's1', 's4', 's3', 's5'];

/** Attempts per request at the clients' first proxies, and at every tier that retries. */
export function amplificationLane({ view }: LaneContext): LaneModel {
  const offered = sumsOf(view, clientFlows(view));
  const first = attemptsOf(clientFlows(view), view);
  const tiers = [...grouped(edgeFlows(view), ({ edge }) => view.edges[edge]!.from)]
    .map(([from, flows]) => ({
      name: from.split('/').at(-1) ?? from,
      requests: sumsOf(view, flows),
      attempts: attemptsOf(flows, view),
      extra: flows.reduce(
        (sum, flow) => sum + Math.max(0, flow.attempts - 1) * countIn(flow, wholeOf(view)),
        0,
      ),
    }))
    .filter(({ extra }) => extra > 0)
    .sort((a, b) => b.extra - a.extra)
    .slice(0, MOST_TIERS);
  const ratio = (attempts: Float64Array, requests: Float64Array) =>
    upToFront(
      view,
      attempts.map((count, bucket) => count / requests[bucket]!),
    );
  const line = (name: string, values: Float64Array, index: number): Series => ({
    name,
    values,
    colour: `var(--${TIER_COLOURS[index]})`,
    ink: `var(--${TIER_COLOURS[index]}${index === 0 || index === 4 ? '-ink' : ''})`,
    label: name,
  });
  const series = [
    line('clients', ratio(first, offered), 0),
    ...tiers.map(({ name, attempts, requests }, index) =>
      line(name, ratio(attempts, requests), index + 1),
    ),
  ];
  return {
    id: 'amplification',
    title: 'Attempts per request',
    reading: (atNs) => readingOf(view, series.slice(0, 3), atNs, shortNumber),
    summary:
      tiers.length === 0
        ? 'No proxy retried anything.'
        : `Attempts per request; retried by ${tiers.map(({ name, extra }) => `${name} (${extra})`).join(', ')}.`,
    plot: {
      kind: 'lines',
      series,
      limits: [{ value: 1, label: '', colour: 'var(--muted)' }],
      tick: shortNumber,
    },
  };
}

/** The values of series at a moment, by name. */
function readingOf(
  view: RunView,
  series: readonly Series[],
  atNs: number,
  tick: (value: number) => string,
) {
  return series.flatMap(({ name, values }, index) => [
    { text: `${index === 0 ? '' : ' · '}${name} ` },
    { text: tick(valueAt(view, values, atNs)), isStrong: true },
  ]);
}

/** How often something was sent upstream for requests of these flows. */
function attemptsOf(flows: readonly ViewFlow[], view: RunView): Float64Array {
  const sums = new Float64Array(view.bucketCount);
  for (const { counts, attempts } of flows)
    for (let bucket = 0; bucket < sums.length; bucket++)
      sums[bucket]! += counts[bucket]! * attempts;
  return sums;
}

export function minus(b: Float64Array, a: Float64Array): Float64Array {
  return b.map((value, bucket) => value - (a[bucket] ?? Number.NaN));
}

function rateTick(value: number): string {
  return value === 0 ? '0' : `${shortNumber(value)}/s`;
}

/** There is room for five or six letters. */
function rateOnAxis(value: number): string {
  return value < 1000 ? rateTick(value) : `${shortNumber(value / 1000)}k/s`;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
