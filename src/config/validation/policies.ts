import { celProblem } from '#source/cel/problem.ts';
import type { Path } from '#source/path.ts';
import { isMapping, member } from '#source/yaml-value.ts';
import type { TelemetrySpec } from '../istio/telemetry.ts';
import type { PeerAuthentication, ResourceOf, Telemetry } from '../resource.ts';
import { Findings } from './findings.ts';
import { checkPolicySelector } from './labels.ts';
import { checkTargets } from './target-reference.ts';

/** @source istio: pkg/config/validation/validation.go, ValidatePeerAuthentication */
export function checkPeerAuthentication({ spec, raw }: PeerAuthentication): Findings {
  const findings = new Findings();
  const path = ['spec', 'portLevelMtls'];
  const hasSelector = (spec.selector?.matchLabels.size ?? 0) > 0;
  if (!hasSelector && spec.portLevelMtls.size > 0)
    findings.error(path, 'mesh/namespace peer authentication cannot have port level mTLS');
  const isWritten = isMapping(member(raw.get('spec'), 'portLevelMtls'));
  if (isWritten && spec.portLevelMtls.size === 0)
    findings.error(path, 'port level mTLS, if defined, must have at least one element');
  for (const port of spec.portLevelMtls.keys()) {
    const number = Number(port);
    if (number <= 0 || number > 65535)
      findings.error([...path, port], 'port must be in range 1..65535');
  }
  findings.add(checkPolicySelector(spec.selector, ['spec', 'selector']));
  return findings;
}

/** @source istio: pkg/config/validation/validation.go, ValidateProxyConfig */
export function checkProxyConfig({ spec }: ResourceOf<'ProxyConfig'>): Findings {
  const findings = checkPolicySelector(spec.selector, ['spec', 'selector']);
  if ((spec.concurrency ?? 0) < 0)
    findings.error(['spec', 'concurrency'], 'concurrency must be greater than or equal to 0');
  return findings;
}

/** @source istio: pkg/config/validation/validation.go, ValidateTelemetry */
export function checkTelemetry({ spec }: Telemetry): Findings {
  const findings = checkTargets(spec);
  checkMetrics(spec, findings);
  checkTracing(spec, findings);
  spec.accessLogging.forEach((logging, index) => {
    const path = ['spec', 'accessLogging', index];
    const problem = logging.filter && celProblem(logging.filter.expression);
    if (problem !== undefined)
      findings.error(
        [...path, 'filter', 'expression'],
        `must be a valid CEL expression, ${problem}`,
      );
    checkProviders(logging.providers, path, findings);
  });
  return findings;
}

function checkMetrics({ metrics }: TelemetrySpec, findings: Findings): void {
  for (const [index, metric] of metrics.entries()) {
    const path = ['spec', 'metrics', index];
    checkProviders(metric.providers, path, findings);
    for (const [overrideIndex, { tagOverrides, match }] of metric.overrides.entries()) {
      const at = [...path, 'overrides', overrideIndex];
      for (const [name, { operation, value }] of tagOverrides) {
        const tag = [...at, 'tagOverrides', name];
        if (name === '') findings.warning(tag, 'tagOverrides.name may not be empty');
        if (operation === 'UPSERT' && value === '')
          findings.error(tag, 'tagOverrides.value must be set when operation is UPSERT');
        if (operation === 'REMOVE' && value !== '')
          findings.error(tag, 'tagOverrides.value may only be set when operation is UPSERT');
      }
      if (match?.customMetric === '')
        findings.error([...at, 'match'], 'customMetric may not be empty');
    }
  }
}

function checkTracing({ tracing }: TelemetrySpec, findings: Findings): void {
  if (tracing.length > 1)
    findings.warning(['spec', 'tracing'], 'multiple tracing is not currently supported');
  for (const [index, one] of tracing.entries()) {
    const path = ['spec', 'tracing', index];
    if (one.providers.length > 1)
      findings.warning([...path, 'providers'], 'multiple providers is not currently supported');
    checkProviders(one.providers, path, findings);
    const share = one.randomSamplingPercentage ?? 0;
    if (share < 0 || share > 100)
      findings.error(
        [...path, 'randomSamplingPercentage'],
        'randomSamplingPercentage must be in range [0.0, 100.0]',
      );
    for (const [name, { literal, header, environment }] of one.customTags) {
      const at = [...path, 'customTags', name];
      if (name === '') findings.error(at, 'tag name may not be empty');
      if (literal?.value === '') findings.error(at, 'literal tag value may not be empty');
      if (header?.name === '') findings.error(at, 'header tag name may not be empty');
      if (environment?.name === '') findings.error(at, 'environment tag name may not be empty');
    }
  }
}

function checkProviders(
  providers: readonly { readonly name: string }[],
  path: Path,
  findings: Findings,
): void {
  if (providers.some(({ name }) => name === ''))
    findings.error([...path, 'providers'], 'providers.name may not be empty');
}
