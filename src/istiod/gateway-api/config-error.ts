/**
 * Why something of the Gateway API is not in force; what the status condition says.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conditions.go, ConfigError
 */
export interface ConfigError {
  readonly reason: ErrorReason;
  readonly message: string;
}

export type ErrorReason =
  | 'InvalidDestination'
  | 'InvalidFilter'
  | 'InvalidConfiguration'
  | 'BackendNotFound'
  | 'RefNotPermitted'
  | 'InvalidKind'
  | 'InvalidCertificateRef'
  | 'InvalidCACertificateRef'
  | 'InvalidCACertificateKind'
  | 'InvalidClientCertificateRef'
  | 'UnsupportedAddress'
  | 'DeprecatedField'
  | 'InvalidParameters';

/** A backend that is not usable: the others are, and its share of requests is answered with 500. */
export function isInvalidBackend({ reason }: ConfigError): boolean {
  return reason === 'BackendNotFound' || reason === 'RefNotPermitted' || reason === 'InvalidKind';
}

/** Both errors in one. @source istio: pilot/pkg/config/kube/gateway/conversion.go, joinErrors */
export function joinErrors(
  a: ConfigError | undefined,
  b: ConfigError | undefined,
): ConfigError | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { reason: a.reason, message: `${a.message}; ${b.message}` };
}

/** What was found wrong while one rule was converted. */
export class RuleFindings {
  /** The rule, and with it the whole route, is refused. */
  hard: ConfigError | undefined;
  invalidBackend: ConfigError | undefined;
  invalidMirror: ConfigError | undefined;

  refuse(error: ConfigError): void {
    this.hard ??= error;
  }

  /** The rule counts; what the status will say. */
  get soft(): ConfigError | undefined {
    return joinErrors(this.invalidBackend, this.invalidMirror);
  }
}
