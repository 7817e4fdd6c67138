import type { HeaderAppendAction, HeaderValueOption } from '#xds/core.ts';
import type { HeaderMutations } from '#xds/route.ts';
import { type Format, parseHeaderFormat } from '../access-log/format.ts';
import type { FormatContext } from '../access-log/format-context.ts';
import type { HeaderMap } from '../http/header-map.ts';
import type { ReportProblem } from '../string-matcher.ts';

/**
 * Headers added, replaced and removed by one level of the route configuration.
 *
 * @source envoy: source/common/router/header_parser.cc, HeaderParser
 */
export class HeaderParser {
  readonly #removed: readonly string[];
  readonly #added: readonly HeaderAddition[];
  /** The request alone decides what is added. */
  readonly isOfRequest: boolean;

  constructor(
    added: readonly HeaderValueOption[],
    removed: readonly string[],
    report: ReportProblem,
  ) {
    const names = removed.map((name) => name.toLowerCase());
    const additions = added.map((option) => compileAddition(option, report));
    this.#removed = names.filter((name) => !isForbidden(name));
    this.#added = additions.filter(({ name }) => !isForbidden(name));
    this.isOfRequest = this.#added.every((addition) => addition.format.isOfRequest);
    if (this.#removed.length < names.length)
      report(':-prefixed or host headers may not be removed');
    if (this.#added.length < additions.length) {
      report(':-prefixed or host headers may not be modified');
    }
  }

  get isEmpty(): boolean {
    return this.#removed.length === 0 && this.#added.length === 0;
  }

  /** Removes first; then all values are computed before any is written: overwrites, then appends. */
  evaluate(headers: HeaderMap, context: FormatContext): void {
    for (const name of this.#removed) headers.remove(name);
    if (this.#added.length === 0) return;
    const values = this.#added.map((addition) => this.#value(addition, headers, context));
    this.#added.forEach((addition, index) => {
      const value = values[index];
      if (value !== undefined && addition.overwrites) headers.set(addition.name, value);
    });
    this.#added.forEach((addition, index) => {
      const value = values[index];
      if (value !== undefined && !addition.overwrites) headers.add(addition.name, value);
    });
  }

  /** Undefined when the header is to be left alone. */
  #value(addition: HeaderAddition, headers: HeaderMap, context: FormatContext): string | undefined {
    const value = addition.format.print(context);
    if (value === '' && !addition.keepEmpty) return undefined;
    if (addition.action === 'ADD_IF_ABSENT' && headers.has(addition.name)) return undefined;
    if (addition.action === 'OVERWRITE_IF_EXISTS' && !headers.has(addition.name)) return undefined;
    return value;
  }
}

/** Hosts and paths have rewrites of their own. */
function isForbidden(name: string): boolean {
  return name.startsWith(':') || name === 'host';
}

interface HeaderAddition {
  readonly name: string;
  readonly format: Format;
  readonly action: HeaderAppendAction;
  readonly overwrites: boolean;
  readonly keepEmpty: boolean;
}

function compileAddition(option: HeaderValueOption, report: ReportProblem): HeaderAddition {
  const action = appendActionOf(option);
  return {
    name: option.header.key.toLowerCase(),
    format: parseHeaderFormat(option.header.value ?? '', report),
    action,
    overwrites: action === 'OVERWRITE_IF_EXISTS_OR_ADD' || action === 'OVERWRITE_IF_EXISTS',
    keepEmpty: option.keepEmptyValue ?? false,
  };
}

/** The old `append` field, where it is given, decides between appending and overwriting. */
function appendActionOf(option: HeaderValueOption): HeaderAppendAction {
  if (option.append !== undefined) {
    return option.append ? 'APPEND_IF_EXISTS_OR_ADD' : 'OVERWRITE_IF_EXISTS_OR_ADD';
  }
  return option.appendAction ?? 'APPEND_IF_EXISTS_OR_ADD';
}

/** The mutations of several levels, in the order in which they apply. */
export class HeaderMutation {
  readonly #levels: readonly HeaderParser[];
  readonly isOfRequest: boolean;

  constructor(levels: readonly HeaderParser[]) {
    this.#levels = levels;
    this.isOfRequest = levels.every((level) => level.isOfRequest);
  }

  apply(headers: HeaderMap, context: FormatContext): void {
    for (const level of this.#levels) level.evaluate(headers, context);
  }
}

/** The four levels at which routes change headers. */
export interface MutationLevels {
  readonly clusterWeight: HeaderMutations | undefined;
  readonly route: HeaderMutations;
  readonly virtualHost: HeaderMutations;
  readonly configuration: HeaderMutations & { readonly mostSpecificHeaderMutationsWins?: boolean };
}

/**
 * The mutations of requests or of responses over all levels: weighted-cluster entry, route, virtual
 * host, configuration; with `most_specific_header_mutations_wins` the last three the other way round.
 * Undefined when there are none.
 *
 * @source envoy: source/common/router/config_impl.cc, getRequestHeaderParsers, getResponseHeaderParsers
 */
export function compileHeaderMutation(
  levels: MutationLevels,
  direction: 'request' | 'response',
  report: ReportProblem,
): HeaderMutation | undefined {
  const { clusterWeight, route, virtualHost, configuration } = levels;
  const general = configuration.mostSpecificHeaderMutationsWins
    ? [configuration, virtualHost, route]
    : [route, virtualHost, configuration];
  const parsers = [clusterWeight ?? {}, ...general]
    .map((level) => headerParserOf(level, direction, report))
    .filter((parser) => !parser.isEmpty);
  return parsers.length === 0 ? undefined : new HeaderMutation(parsers);
}

function headerParserOf(
  level: HeaderMutations,
  direction: 'request' | 'response',
  report: ReportProblem,
): HeaderParser {
  return direction === 'request'
    ? new HeaderParser(level.requestHeadersToAdd ?? [], level.requestHeadersToRemove ?? [], report)
    : new HeaderParser(
        level.responseHeadersToAdd ?? [],
        level.responseHeadersToRemove ?? [],
        report,
      );
}
