import { labelOf } from '#telemetry/label-catalogue.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import type { RunRecorder } from '#telemetry/run-recorder.ts';
import type { ViewRequest } from './run-view.ts';

/** The sampled requests, by the time at which they were meant to be sent. */
export function viewRequests(recorder: RunRecorder): readonly ViewRequest[] {
  const { rows } = recorder;
  const requests = recorder.sample.requests().map((request): ViewRequest => {
    const { row } = request;
    const label = (name: string) => labelOf(rows, row, name);
    const version = label('destination_version');
    const pod = label('pod');
    return {
      client: rows.clients.of(request.client).name,
      number: request.number,
      intendedNs: request.intendedNs,
      endNs: request.endNs,
      route: label('route'),
      cluster: label('upstream_cluster'),
      host: label('host'),
      pod: pod === 'unknown' ? '' : pod,
      version: version === 'unknown' ? '' : version,
      code: rows.codeOf(row),
      flags: flagsText(rows.flagsOf(row)),
      attempts: request.attempts,
    };
  });
  return requests.sort((a, b) => a.intendedNs - b.intendedNs || a.number - b.number);
}
