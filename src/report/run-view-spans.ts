import type { Provenance } from '#mesh/content-pool.ts';
import { spanTree } from '#mesh/span-tree.ts';
import type { Span, SpanReason } from '#telemetry/recorder.ts';
import type { ViewReason, ViewSpan } from './run-view.ts';
import { placeOf } from './run-view-graph.ts';

/** The waterfall of one root request: its pieces as a tree, each decision with the line behind it. */
export function viewSpans(spans: readonly Span[], provenance: Provenance): readonly ViewSpan[] {
  return spanTree(spans).map(({ span, parent }) => {
    const { kind, at, startNs, endNs, detail, upstream, reasons = [] } = span;
    return {
      kind,
      at,
      parent,
      startNs,
      endNs,
      detail,
      side: upstream?.side ?? '',
      cluster: upstream?.cluster ?? '',
      host: upstream?.host ?? '',
      code: upstream?.code ?? 0,
      flags: upstream?.flags ?? '-',
      number: upstream?.number ?? 0,
      reasons: reasons.map((reason) => viewReason(reason, provenance)),
    };
  });
}

function viewReason({ text, config, field }: SpanReason, provenance: Provenance): ViewReason {
  if (config === undefined) return { text, object: '', at: undefined };
  const origin =
    field === undefined
      ? provenance.origins.get(config)
      : provenance.fieldOrigins.get(config)?.get(field);
  if (origin === undefined) return { text, object: '', at: undefined };
  return { text, object: `${origin.kind} ${origin.name}`, at: placeOf(origin.at) };
}
