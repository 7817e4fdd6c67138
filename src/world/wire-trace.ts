import type { RequestKey } from '#envoy/network.ts';
import type { Recorder } from '#telemetry/recorder.ts';
import { Message } from './wire-exchange.ts';

const NAMES: ReadonlyMap<number, string> = new Map([
  [Message.request, 'request'],
  [Message.responseHeaders, 'answer'],
  [Message.wholeResponse, 'answer'],
]);

/** Tells how long messages are on their way, the traversal of the listener's proxy included. */
export class WireTrace {
  readonly #recorder: Recorder;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  tell(key: RequestKey, message: number, at: string, startNs: number, endNs: number): void {
    const detail = NAMES.get(message);
    if (detail === undefined) return;
    const { rootNumber, streamHash, callPathHash, attempt } = key;
    const own = { rootNumber, streamHash, callPathHash, attempt };
    this.#recorder.span({ kind: 'network', ...own, at, startNs, endNs, detail });
  }
}
