import type { HeaderFilter, HeaderValue } from '#config/gateway-api/route-filters.ts';
import type { RuleFindings } from './config-error.ts';
import type { ConfigValue } from './made-config.ts';

/** The headers that a route changes, as they are collected from its filters. */
export interface HeaderChanges {
  request?: ConfigValue;
  response?: ConfigValue;
}

/** A filter that may change headers. */
interface HeaderModifier {
  readonly type: string;
  readonly requestHeaderModifier: HeaderFilter | undefined;
  readonly responseHeaderModifier: HeaderFilter | undefined;
}

/** Takes a filter's change up; false when it is no change of headers. */
export function collectHeaderChange(
  filter: HeaderModifier,
  changes: HeaderChanges,
  findings: RuleFindings,
): boolean {
  if (filter.type === 'RequestHeaderModifier') {
    const operations = headerOperations(filter.requestHeaderModifier, findings);
    if (operations !== undefined) changes.request = operations;
    return true;
  }
  if (filter.type === 'ResponseHeaderModifier') {
    const operations = headerOperations(filter.responseHeaderModifier, findings);
    if (operations !== undefined) changes.response = operations;
    return true;
  }
  return false;
}

/** `headers` of a route or destination; nothing without changes. */
export function headersOf({ request, response }: HeaderChanges): ConfigValue {
  return request === undefined && response === undefined ? undefined : { request, response };
}

/** @source istio: pilot/pkg/config/kube/gateway/conversion.go, createHeadersFilter */
function headerOperations(filter: HeaderFilter | undefined, findings: RuleFindings): ConfigValue {
  if (filter === undefined) return undefined;
  const bad = [...filter.set, ...filter.add].find(({ value }) => !isValidValue(value));
  if (bad !== undefined) {
    const message = `header "${bad.name}" value contains invalid characters`;
    findings.refuse({ reason: 'InvalidFilter', message });
  }
  return { add: byName(filter.add), remove: filter.remove, set: byName(filter.set) };
}

/** Of several values for one name the first counts. @source istio: the same file, headerListToMap */
function byName(headers: readonly HeaderValue[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { name, value } of headers) {
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, value);
  }
  return values;
}

/** @source istio: the same file, isValidHeaderValue */
function isValidValue(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code !== 0x09 && (code < 0x20 || code === 0x7f)) return false;
  }
  return true;
}
