import { type LoadTestReport, loadTestReport } from './load-test-report.ts';
import { type MetricSample, samplesOfQuery, samplesOfText } from './metric-sample.ts';

/** What was measured somewhere, to fit a scenario to. */
export interface Measurements {
  /** Of Istio's standard metrics, of all files together. */
  readonly samples: readonly MetricSample[];
  readonly reports: readonly NamedReport[];
  /** Over which time counters were counted; undefined: only their proportions are known. */
  readonly windowNs: number | undefined;
}

/** What a load generator saw, and of which workload if that was said. */
export interface NamedReport {
  readonly workload: string | undefined;
  readonly report: LoadTestReport;
  readonly file: string;
}

export const NO_MEASUREMENTS: Measurements = { samples: [], reports: [], windowNs: undefined };

export type ReadMeasurement =
  | { readonly samples: readonly MetricSample[] }
  | { readonly report: LoadTestReport }
  | { readonly problem: string };

/** Reads a file of measurements, whichever of the known forms it has. */
export function readMeasurement(text: string): ReadMeasurement {
  const document = jsonOf(text);
  if (document === undefined) {
    const samples = samplesOfText(text).filter(({ name }) => name.startsWith('istio_'));
    return samples.length > 0 ? { samples } : { problem: WANTED };
  }
  const report = loadTestReport(document);
  if (report !== undefined) return { report };
  const samples = samplesOfQuery(document);
  return samples === undefined ? { problem: WANTED } : { samples };
}

const WANTED =
  'it is neither metrics of Istio (Prometheus text, query JSON) nor a report of Fortio or k6 (JSON)';

function jsonOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
