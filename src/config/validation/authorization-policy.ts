import type { Path } from '#source/path.ts';
import type {
  AuthorizationOperation,
  AuthorizationPolicySpec,
  AuthorizationRule,
  AuthorizationSource,
} from '../istio/authorization-policy.ts';
import type { ResourceOf } from '../resource.ts';
import type { Findings } from './findings.ts';
import {
  attributeProblem,
  emptyValueProblem,
  ipProblems,
  pathTemplateProblem,
  portProblems,
  serviceAccountProblem,
  trustDomainProblem,
} from './security-values.ts';
import { checkTargets } from './target-reference.ts';

/** @source istio: pkg/config/validation/validation.go, ValidateAuthorizationPolicy */
export function checkAuthorizationPolicy({
  metadata,
  spec,
}: ResourceOf<'AuthorizationPolicy'>): Findings {
  const findings = checkTargets(spec);
  checkAction(spec, findings);
  for (const [index, rule] of spec.rules.entries()) checkRule(rule, index, spec, findings);
  return findings.prefixed(`invalid policy ${metadata.name}.${metadata.namespace}: `);
}

const NEVER_TRIGGERED =
  'action without `rules` is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request';

function checkAction(spec: AuthorizationPolicySpec, findings: Findings): void {
  const { action, provider, rules } = spec;
  const hasRules = rules.length > 0;
  if (action === 'CUSTOM') {
    if (!hasRules) findings.error(['spec', 'action'], `CUSTOM ${NEVER_TRIGGERED}`);
    else if ((provider?.name ?? '') === '')
      findings.error(['spec', 'provider'], '`provider.name` must not be empty');
    for (const [index, rule] of rules.entries()) checkCustomRule(rule, index, findings);
  } else if (provider !== undefined)
    findings.error(
      ['spec', 'provider'],
      `\`provider\` must not be with non CUSTOM action, found ${action}`,
    );
  if (action === 'DENY' && !hasRules) findings.error(['spec', 'action'], `DENY ${NEVER_TRIGGERED}`);
}

/** What an external authorizer can not be asked by. */
const NOT_CUSTOM = [
  'namespaces',
  'notNamespaces',
  'serviceAccounts',
  'notServiceAccounts',
  'trustDomains',
  'notTrustDomains',
  'principals',
  'notPrincipals',
  'requestPrincipals',
  'notRequestPrincipals',
] as const;
const NOT_CUSTOM_KEYS = new Set([
  'source.namespace',
  'source.serviceAccount',
  'source.trustDomain',
  'source.principal',
]);

function checkCustomRule(rule: AuthorizationRule, index: number, findings: Findings): void {
  const unsupported = (path: Path, name: string) =>
    findings.error(path, `${name} is currently not supported with CUSTOM action`);
  for (const [at, { source }] of rule.from.entries())
    for (const field of NOT_CUSTOM)
      if (source !== undefined && source[field].length > 0)
        unsupported(
          ['spec', 'rules', index, 'from', at, 'source', field],
          `From.${capitalized(field)}`,
        );
  for (const [at, { key }] of rule.when.entries())
    if (NOT_CUSTOM_KEYS.has(key) || key.startsWith('request.auth.'))
      unsupported(['spec', 'rules', index, 'when', at, 'key'], key);
}

function capitalized(field: string): string {
  return field.charAt(0).toUpperCase() + field.slice(1);
}

const DENIES_TCP =
  'configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port';

function checkRule(
  rule: AuthorizationRule,
  index: number,
  { action }: AuthorizationPolicySpec,
  findings: Findings,
): void {
  const path = ['spec', 'rules', index];
  for (const [at, { source }] of rule.from.entries()) {
    const where = [...path, 'from', at, 'source'];
    if (source !== undefined) checkSource(source, index, where, findings);
    else findings.error(where, `\`from.source\` must not be nil, found at rule ${index}`);
  }
  for (const [at, { operation }] of rule.to.entries()) {
    const where = [...path, 'to', at, 'operation'];
    if (operation !== undefined) checkOperation(operation, index, where, findings);
    else findings.error(where, `\`to.operation\` must not be nil, found at rule ${index}`);
  }
  checkConditions(rule, path, findings);
  if (action === 'DENY' && deniesTcp(rule)) findings.warning(path, DENIES_TCP);
}

/** Sources and operations that say nothing of connections hold for every one. */
function deniesTcp({ from, to }: AuthorizationRule): boolean {
  const sources = from.flatMap(({ source }) => source ?? []);
  const operations = to.flatMap(({ operation }) => operation ?? []);
  const isOfConnections = sources.some((source) =>
    CONNECTION_FIELDS.some((field) => source[field].length > 0),
  );
  const isOfPorts = operations.some(({ ports, notPorts }) => ports.length + notPorts.length > 0);
  return (
    (sources.length > 0 && operations.length === 0 && !isOfConnections) ||
    (operations.length > 0 && !isOfPorts)
  );
}

const CONNECTION_FIELDS = [
  'notPrincipals',
  'principals',
  'ipBlocks',
  'notIpBlocks',
  'namespaces',
  'notNamespaces',
  'remoteIpBlocks',
  'notRemoteIpBlocks',
  'serviceAccounts',
  'notServiceAccounts',
] as const;

/** In istiod's order; the key is the field with a capital. */
const SOURCE_CHECKS = [
  ['principals', emptyValueProblem],
  ['requestPrincipals', emptyValueProblem],
  ['namespaces', emptyValueProblem],
  ['serviceAccounts', serviceAccountProblem],
  ['trustDomains', trustDomainProblem],
  ['ipBlocks', emptyValueProblem],
  ['remoteIpBlocks', emptyValueProblem],
  ['notPrincipals', emptyValueProblem],
  ['notRequestPrincipals', emptyValueProblem],
  ['notNamespaces', emptyValueProblem],
  ['notServiceAccounts', serviceAccountProblem],
  ['notTrustDomains', trustDomainProblem],
  ['notIpBlocks', emptyValueProblem],
  ['notRemoteIpBlocks', emptyValueProblem],
] as const;
const IP_FIELDS = ['ipBlocks', 'notIpBlocks', 'remoteIpBlocks', 'notRemoteIpBlocks'] as const;

function checkSource(
  source: AuthorizationSource,
  index: number,
  path: Path,
  findings: Findings,
): void {
  const size = (...fields: readonly (keyof AuthorizationSource)[]) =>
    fields.reduce((sum, field) => sum + source[field].length, 0);
  if (
    size('principals', 'notPrincipals', 'namespaces', 'notNamespaces') > 0 &&
    size('serviceAccounts', 'notServiceAccounts') > 0
  )
    findings.error(
      path,
      `cannot set serviceAccounts with namespaces or principals, found at rule ${index}`,
    );
  if (SOURCE_CHECKS.every(([field]) => source[field].length === 0))
    findings.error(path, `\`from.source\` must not be empty, found at rule ${index}`);
  for (const field of IP_FIELDS)
    for (const problem of ipProblems(source[field])) findings.listed([...path, field], problem);
  for (const [field, problemOf] of SOURCE_CHECKS)
    findings.check([...path, field], problemOf(capitalized(field), source[field]));
}

const OPERATION_FIELDS = [
  'ports',
  'methods',
  'paths',
  'hosts',
  'notPorts',
  'notMethods',
  'notPaths',
  'notHosts',
] as const;

function checkOperation(
  operation: AuthorizationOperation,
  index: number,
  path: Path,
  findings: Findings,
): void {
  if (OPERATION_FIELDS.every((field) => operation[field].length === 0))
    findings.error(path, `\`to.operation\` must not be empty, found at rule ${index}`);
  for (const field of ['ports', 'notPorts'] as const)
    for (const problem of portProblems(operation[field]))
      findings.listed([...path, field], problem);
  for (const field of OPERATION_FIELDS)
    findings.check([...path, field], emptyValueProblem(capitalized(field), operation[field]));
  for (const field of ['paths', 'notPaths'] as const)
    findings.check([...path, field], pathTemplateProblem(capitalized(field), operation[field]));
}

function checkConditions({ when }: AuthorizationRule, rulePath: Path, findings: Findings): void {
  for (const [at, { key, values, notValues }] of when.entries()) {
    const path = [...rulePath, 'when', at];
    if (key === '') findings.error(path, '`key` must not be empty');
    else if (values.length === 0 && notValues.length === 0)
      findings.error(
        path,
        `at least one of \`values\` or \`notValues\` must be set for key ${key}`,
      );
    else {
      const wrong = attributeProblem(key, values);
      if (wrong !== undefined)
        findings.error([...path, 'values'], `invalid \`value\` for \`key\` ${key}: ${wrong}`);
      const notWrong = attributeProblem(key, notValues);
      if (notWrong !== undefined)
        findings.error(
          [...path, 'notValues'],
          `invalid \`notValue\` for \`key\` ${key}: ${notWrong}`,
        );
    }
  }
}
