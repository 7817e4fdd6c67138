import type { WhyAnswer } from '#scenario/request-choice.ts';
import type { SlowPart } from '#scenario/slow-requests.ts';
import type { TracedRequest } from '#scenario/traced-requests.ts';
import type { ViewSpan } from './run-view.ts';
import { viewSpans } from './run-view-spans.ts';
import { blameJson, causeJson, type Json, linkJson, placeJson } from './summary-json.ts';

/** `why` of the summary: what `--why` asked for. */
export function whyJson({ choice, requestCount, blame, slow }: WhyAnswer): Json {
  return {
    question: choice.text,
    requestCount,
    blame: blame.map(blameJson),
    ...(slow === undefined
      ? {}
      : {
          slow: {
            slowestCount: slow.slowestCount,
            shortestMs: slow.shortestNs / 1e6,
            longestMs: slow.longestNs / 1e6,
            parts: slow.parts.map(slowPartJson),
          },
        }),
  };
}

function slowPartJson({ share, what, cause, behind }: SlowPart): Json {
  return { share, what, cause: causeJson(cause), behind: behind.map(linkJson) };
}

/** `trace` of the summary: the request that `--trace` follows, its pieces by their start. */
export function traceJson({ client, number, spans, run }: TracedRequest): Json {
  const pieces = viewSpans(spans, run.mesh.provenance);
  const root = pieces[0];
  return {
    client,
    requestNumber: number,
    startMs: root === undefined ? null : root.startNs / 1e6,
    durationMs: root === undefined ? null : (root.endNs - root.startNs) / 1e6,
    spans: pieces.map(spanJson),
  };
}

/** `parent` is the place of the piece around it in the list; null for the client's own. */
function spanJson(span: ViewSpan): Json {
  const { kind, at, parent, startNs, endNs, detail, side, cluster, host, number } = span;
  return {
    kind,
    at,
    parent: parent < 0 ? null : parent,
    startMs: startNs / 1e6,
    durationMs: (endNs - startNs) / 1e6,
    detail,
    ...(side === ''
      ? {}
      : { side, cluster, host, responseCode: span.code, responseFlags: span.flags }),
    ...(kind === 'attempt' ? { attempt: number } : {}),
    reasons: span.reasons.map(({ text, object, at: place }) => ({
      text,
      object,
      at: placeJson(place),
    })),
  };
}
