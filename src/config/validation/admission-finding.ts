import type { Severity } from '#source/diagnostic.ts';
import type { Path } from '#source/path.ts';

/** One reason why a cluster would refuse an object, or warn of it. */
export interface AdmissionFinding {
  /** Istio's code of what istiod says, else ours. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly path: Path;
  readonly hint?: string;
}
