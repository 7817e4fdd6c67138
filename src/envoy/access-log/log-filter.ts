import { flagBits, parseFlags } from '#telemetry/response-flags.ts';
import { type CelExpression, parseCel, problemText } from '#xds/cel.ts';
import type { Json } from '#xds/core.ts';
import { ENVOY_GRPC_STATUSES } from '#xds/grpc-status.ts';
import type { HeaderMatcher } from '#xds/route.ts';
import { evaluateCel } from '../cel/evaluate.ts';
import { httpToGrpcStatus } from '../router/grpc-status.ts';
import { compileHeaderConditions } from '../router/header-condition.ts';
import type { ReportProblem } from '../string-matcher.ts';
import type { FormatContext } from './format-context.ts';
import { streamAttributes } from './stream-attributes.ts';

/** Whether a stream that has ended is logged. */
export type LogFilter = (context: FormatContext) => boolean;

const ALWAYS: LogFilter = () => true;
const NEVER: LogFilter = () => false;

type Fields = { readonly [field: string]: Json };

/**
 * The filter of an access log; one that is absent lets everything through.
 *
 * @source envoy: source/common/access_log/access_log_impl.cc, FilterFactory::fromProto
 */
export function compileLogFilter(xds: Json | undefined, report: ReportProblem): LogFilter {
  if (!isFields(xds)) return ALWAYS;
  for (const [kind, compile] of KINDS) {
    const config = xds[kind];
    if (isFields(config)) return compile(config, report);
  }
  report(`access log filter ${Object.keys(xds).join(', ')} is not supported`);
  return ALWAYS;
}

type Compile = (config: Fields, report: ReportProblem) => LogFilter;

const KINDS: ReadonlyMap<string, Compile> = new Map<string, Compile>([
  ['statusCodeFilter', statusCodeFilter],
  ['durationFilter', durationFilter],
  ['responseFlagFilter', responseFlagFilter],
  ['headerFilter', headerFilter],
  ['grpcStatusFilter', grpcStatusFilter],
  ['andFilter', (config, report) => all(filtersOf(config, report))],
  ['orFilter', (config, report) => any(filtersOf(config, report))],
  ['extensionFilter', extensionFilter],
  ['notHealthCheckFilter', () => ALWAYS],
  ['traceableFilter', () => NEVER],
]);

function filtersOf({ filters }: Fields, report: ReportProblem): readonly LogFilter[] {
  return isList(filters) ? filters.map((it) => compileLogFilter(it, report)) : [];
}

function all(filters: readonly LogFilter[]): LogFilter {
  return (context) => filters.every((filter) => filter(context));
}

function any(filters: readonly LogFilter[]): LogFilter {
  return (context) => filters.some((filter) => filter(context));
}

function statusCodeFilter({ comparison }: Fields): LogFilter {
  const holds = compiledComparison(comparison);
  return ({ stream }) => holds(stream?.responseCode ?? 0);
}

function durationFilter({ comparison }: Fields): LogFilter {
  const holds = compiledComparison(comparison);
  return ({ stream }) =>
    stream !== undefined && holds(Math.trunc((stream.endNs - stream.startNs) / 1e6));
}

/** What a runtime key may override has its default here. */
function compiledComparison(xds: Json | undefined): (value: number) => boolean {
  if (!isFields(xds)) return () => true;
  const wanted = isFields(xds['value']) ? Number(xds['value']['defaultValue'] ?? 0) : 0;
  switch (xds['op']) {
    case 'GE':
      return (value) => value >= wanted;
    case 'LE':
      return (value) => value <= wanted;
    case 'NE':
      return (value) => value !== wanted;
    default:
      return (value) => value === wanted;
  }
}

/** Without flags: any. */
function responseFlagFilter({ flags }: Fields, report: ReportProblem): LogFilter {
  const wanted = isList(flags) ? flags.map(String) : [];
  if (wanted.length === 0) return ({ stream }) => (stream?.responseFlags ?? 0) !== 0;
  let bits = 0;
  for (const flag of wanted) {
    const known = parseFlags(flag);
    if (known === undefined) report(`unknown response flag ${flag}`);
    else bits |= flagBits(known);
  }
  return ({ stream }) => (flagBits(stream?.responseFlags ?? 0) & bits) !== 0;
}

function headerFilter({ header }: Fields, report: ReportProblem): LogFilter {
  if (!isFields(header)) return ALWAYS;
  // Read by the schema of listeners, or written by istiod.
  const matcher = header as unknown as HeaderMatcher;
  const [condition] = compileHeaderConditions([matcher], report);
  return ({ request }) => request !== undefined && condition!.matches(request);
}

function grpcStatusFilter({ statuses, exclude }: Fields): LogFilter {
  const wanted = new Set(isList(statuses) ? statuses.map(String) : []);
  return ({ responseHeaders, stream }) => {
    const told = responseHeaders?.get('grpc-status');
    const status = told === undefined ? httpToGrpcStatus(stream?.responseCode ?? 0) : Number(told);
    return wanted.has(ENVOY_GRPC_STATUSES[status] ?? '') !== (exclude === true);
  };
}

/**
 * CEL: only what comes out true is logged.
 *
 * @source envoy: source/extensions/access_loggers/filters/cel/cel.cc, CELAccessLogExtensionFilter::evaluate
 */
function extensionFilter({ typedConfig }: Fields, report: ReportProblem): LogFilter {
  const config = isFields(typedConfig) ? typedConfig : {};
  const type = String(config['@type'] ?? '');
  if (!type.endsWith('.cel.v3.ExpressionFilter')) {
    report(`access log filter ${type} is not supported`);
    return ALWAYS;
  }
  const expression = parsed(String(config['expression'] ?? ''), report);
  if (expression === undefined) return NEVER;
  return (context) => evaluateCel(expression, streamAttributes(context)) === true;
}

function parsed(text: string, report: ReportProblem): CelExpression | undefined {
  const { expression, mistakes } = parseCel(text);
  const problem = problemText(text, mistakes);
  if (problem === undefined) return expression;
  report(`CEL: ${problem}`);
  return undefined;
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
