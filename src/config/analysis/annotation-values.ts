import { isDecimalInteger, quoted } from '../validation/go-format.ts';
import { isIpAddress, isIpPrefix } from '../validation/ip-address.ts';

type ValueProblem = (value: string) => string | undefined;

/**
 * What is wrong with the value of an annotation, for those whose values are checked.
 *
 * @source istio: pkg/kube/inject/validate.go, AnnotationValidation
 */
export const ANNOTATION_VALUES: ReadonlyMap<string, ValueProblem> = new Map([
  ['sidecar.istio.io/interceptionMode', interceptionModeProblem],
  ['status.sidecar.istio.io/port', (value) => prefixed('excludeInboundPorts', portProblem(value))],
  ['readiness.status.sidecar.istio.io/initialDelaySeconds', (value) => uintProblem(value, 32)],
  ['readiness.status.sidecar.istio.io/periodSeconds', (value) => uintProblem(value, 32)],
  ['readiness.status.sidecar.istio.io/failureThreshold', (value) => uintProblem(value, 32)],
  [
    'traffic.sidecar.istio.io/includeOutboundIPRanges',
    (value) => (value === '*' ? undefined : prefixed('includeIPRanges', rangesProblem(value))),
  ],
  [
    'traffic.sidecar.istio.io/excludeOutboundIPRanges',
    (value) => prefixed('excludeIPRanges', rangesProblem(value)),
  ],
  [
    'traffic.sidecar.istio.io/includeInboundPorts',
    (value) => (value === '*' ? undefined : prefixed('includeInboundPorts', portsProblem(value))),
  ],
  [
    'traffic.sidecar.istio.io/excludeInboundPorts',
    (value) => prefixed('excludeInboundPorts', portsProblem(value)),
  ],
  [
    'traffic.sidecar.istio.io/excludeOutboundPorts',
    (value) => prefixed('excludeOutboundPorts', portsProblem(value)),
  ],
  ['traffic.sidecar.istio.io/excludeInterfaces', interfacesProblem],
  ['traffic.sidecar.istio.io/kubevirtInterfaces', interfacesProblem],
  ['istio.io/reroute-virtual-interfaces', interfacesProblem],
  ['prometheus.istio.io/merge-metrics', booleanProblem],
  ['sidecar.istio.io/proxyCPU', quantityProblem],
  ['sidecar.istio.io/proxyMemory', quantityProblem],
  ['sidecar.istio.io/proxyCPULimit', quantityProblem],
  ['sidecar.istio.io/proxyMemoryLimit', quantityProblem],
]);

function prefixed(name: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${name} invalid: ${problem}`;
}

function interceptionModeProblem(value: string): string | undefined {
  return ['REDIRECT', 'TPROXY', 'NONE'].includes(value)
    ? undefined
    : `interceptionMode invalid, use REDIRECT,TPROXY,NONE: ${value}`;
}

/** @source go: src/strconv/atoi.go, ParseUint */
function uintProblem(value: string, bits: number): string | undefined {
  const error = `strconv.ParseUint: parsing ${quoted(value)}: `;
  if (!/^[0-9]+$/.test(value)) return `${error}invalid syntax`;
  return Number(value) < 2 ** bits ? undefined : `${error}value out of range`;
}

function portProblem(value: string): string | undefined {
  const problem = uintProblem(value.trim(), 16);
  return problem === undefined ? undefined : `failed parsing port '${value}': ${problem}`;
}

function portsProblem(value: string): string | undefined {
  const list = value.trim();
  for (const port of list === '' ? [] : list.split(',')) {
    const problem = portProblem(port);
    if (problem !== undefined) return `failed parsing port '${port}': ${problem}`;
  }
  return undefined;
}

function rangesProblem(value: string): string | undefined {
  const bad = (value === '' ? [] : value.split(',')).find((range) => !isIpPrefix(range));
  return bad === undefined ? undefined : `failed parsing cidr '${bad}': ${prefixProblem(bad)}`;
}

/** @source go: src/net/netip/netip.go, ParsePrefix */
function prefixProblem(range: string): string {
  const error = `netip.ParsePrefix(${quoted(range)}): `;
  const slash = range.lastIndexOf('/');
  if (slash < 0) return `${error}no '/'`;
  const address = range.slice(0, slash);
  const bits = range.slice(slash + 1);
  if (!isIpAddress(address)) return `${error}ParseAddr(${quoted(address)}): unable to parse IP`;
  if (address.includes('%')) return `${error}IPv6 zones cannot be present in a prefix`;
  return isDecimalInteger(bits) && /^(?:0|[1-9][0-9]*)$/.test(bits)
    ? `${error}prefix length out of range`
    : `${error}bad bits after slash: ${quoted(bits)}`;
}

/** @source istio: pkg/util/net/ip.go, ValidateInterfaceNames */
function interfacesProblem(value: string): string | undefined {
  for (const name of (value === '' ? [] : value.split(',')).map((it) => it.trim())) {
    if (name === '') return 'empty interface name';
    if (name.length > 15) return `interface name ${quoted(name)} too long (max 15 chars)`;
    if (!/^[a-zA-Z][a-zA-Z0-9_.-]*$/.test(name))
      return `interface name ${quoted(name)} contains invalid characters`;
  }
  return undefined;
}

function booleanProblem(value: string): string | undefined {
  return /^(?:1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value)
    ? undefined
    : `strconv.ParseBool: parsing ${quoted(value)}: invalid syntax`;
}

const QUANTITY =
  /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$/;

/** @source k8s.io/apimachinery: pkg/api/resource/quantity.go, ParseQuantity */
function quantityProblem(value: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (/[\u0000-\u001f\u007f-\u009f]/.test(value)) return 'value contains control characters';
  return QUANTITY.test(value)
    ? undefined
    : "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
}
