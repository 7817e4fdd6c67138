import { NS_PER_MS } from '#source/duration.ts';
import { isDnsLabel } from './domain-names.ts';
import { isSupportedProtocol } from './protocol.ts';

/** @source istio: pkg/config/validation/agent/validation.go, ValidateDuration */
export function durationProblem(ns: number): string | undefined {
  if (ns < NS_PER_MS) return 'duration must be greater than 1ms';
  return ns % NS_PER_MS === 0 ? undefined : 'only durations to ms precision are supported';
}

/** @source istio: pkg/config/validation/agent/validation.go, ValidatePort */
export function portProblem(port: number): string | undefined {
  const isValid = port >= 1 && port <= 65535;
  return isValid ? undefined : `port number ${port} must be in the range 1..65535`;
}

/** @source istio: pkg/config/validation/validation.go, ValidatePercent */
export function percentProblem(value: number): string | undefined {
  return value < 0 || value > 100 ? `percentage ${value} is not in range 0..100` : undefined;
}

/** @source istio: pkg/config/validation/validation.go, ValidatePortName */
export function portNameProblem(name: string): string | undefined {
  return isDnsLabel(name) ? undefined : `invalid port name: ${name}`;
}

/** An empty protocol is found out by sniffing. @source pkg/config/validation/validation.go, ValidateProtocol */
export function protocolProblem(protocol: string): string | undefined {
  return protocol === '' || isSupportedProtocol(protocol)
    ? undefined
    : `unsupported protocol: ${protocol}`;
}

const UNIX_PREFIX = 'unix://';

/** The path of `unix:///path`, or nothing when the address is another. */
export function unixPath(address: string): string | undefined {
  return address.startsWith(UNIX_PREFIX) ? address.slice(UNIX_PREFIX.length) : undefined;
}

/** @source istio: pkg/config/validation/validation.go, ValidateUnixAddress */
export function unixPathProblem(path: string): string | undefined {
  if (path === '') return 'unix address must not be empty';
  if (path.startsWith('@')) return undefined;
  const isFile = path.startsWith('/') && !path.endsWith('/');
  return isFile ? undefined : `${path} is not an absolute path to a file`;
}
