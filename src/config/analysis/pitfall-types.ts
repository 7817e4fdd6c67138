import type { MessageType } from './messages.ts';

/**
 * What meshsim says beyond `istioctl analyze`: objects that are valid, and yet do not what they seem to.
 * MS0001–MS0099 belong to this table; documented, never reused.
 */
export const PITFALL_TYPES = {
  MS0001: type(
    'Warning',
    'WeightOfSingleDestinationIgnored',
    'The only destination %q of this route gets all requests: its weight of 0 is ignored.',
  ),
  MS0002: type(
    'Warning',
    'PerTryTimeoutNotRetried',
    'A try that reaches perTryTimeout (%s) is answered 504 and not retried: retryOn %q covers no per-try timeout.',
  ),
  MS0003: type(
    'Warning',
    'TriesExceedTimeout',
    '%d tries of %s do not fit into the timeout of %s: only %d can run to their end.',
  ),
  MS0004: type(
    'Warning',
    'PerTryTimeoutWithoutEffect',
    'perTryTimeout (%s) has no effect: the timeout of the route (%s) ends first.',
  ),
  MS0005: type(
    'Warning',
    'NoHostCanBeEjected',
    'No host of %s can be ejected: one of %d is %s %%, more than maxEjectionPercent %d.',
  ),
  MS0006: type(
    'Warning',
    'FaultWithoutPercentage',
    'Nothing is injected: the %s has no percentage, which stands for 0 %%.',
  ),
  MS0007: type(
    'Warning',
    'HttpRulesOnOtherProtocol',
    'The http rules are never used in the mesh: no port of %s carries HTTP (%s).',
  ),
  MS0008: type(
    'Info',
    'NoCatchAllRule',
    'Requests that no rule matches are answered 404 (NR): the last http rule has matches.',
  ),
  MS0009: type(
    'Warning',
    'AffinityAcrossSubsets',
    'consistentHash of %s keeps a client on one host only within a subset: the weights of this route move it between subsets.',
  ),
  MS0010: type(
    'Warning',
    'DestinationRuleNotConsulted',
    'Nobody uses this DestinationRule: namespace %q has no workloads, and for %s clients look into their own namespace, that of the service and %q.',
  ),
  MS0011: type(
    'Warning',
    'WildcardHidesDestinationRule',
    'For clients of namespace %q this DestinationRule hides %s: a rule of the own namespace goes before a more specific one elsewhere.',
  ),
  MS0012: type(
    'Warning',
    'PortLevelSettingsReplace',
    'On port %d %s of the policy above do not apply: portLevelSettings replace them.',
  ),
  MS0013: type(
    'Warning',
    'HostIsNotCompleted',
    'The host %q contains a dot and is not completed: it does not stand for the service %s.',
  ),
  MS0014: type(
    'Info',
    'FaultsAreNotRetried',
    'The %s of this route do not apply to its faults: they are injected before the route is taken.',
  ),
  MS0015: type(
    'Warning',
    'WarmupWithoutEffect',
    'warmup has no effect with %s: only ROUND_ROBIN and LEAST_REQUEST warm hosts up.',
  ),
  MS0016: type(
    'Info',
    'SubsetPolicyUnused',
    'The trafficPolicy of subset %s is never used: no VirtualService routes to the subset.',
  ),
  MS0017: type('Info', 'WeightsDoNotSumTo100', 'The weights of this route sum to %d, not 100: %s.'),
  MS0018: type(
    'Warning',
    'ShadowedMatch',
    'No request reaches %s: %s, which is tried before it, takes all that it would.',
  ),
  MS0019: type('Warning', 'UnreachableLimit', 'The limit %s (%s) can never be reached: %s.'),
} as const;

export type PitfallCode = keyof typeof PITFALL_TYPES;

function type(level: MessageType['level'], name: string, template: string): MessageType {
  return { level, name, template };
}
