import { didYouMeanHint } from '#source/did-you-mean.ts';
import { LABEL_CATALOGUE } from '../label-catalogue.ts';
import { type Token, tokensOf } from './lexer.ts';
import { impliedMatchers, type Matcher, type MatchOperator, matcherOf } from './matcher.ts';
import { METRIC_CATALOGUE } from './metric.ts';
import { QueryError, type Span } from './query-text.ts';
import type { Expression, FunctionName, Selector } from './syntax.ts';

/** Queries are short; what is deeper or longer is no query. */
const MAX_LENGTH = 4000;
const MAX_DEPTH = 50;

const PLAIN_FUNCTIONS: readonly FunctionName[] = ['mean', 'max', 'count', 'rate'];

/**
 * Reads a query:
 *
 *     expression = term { ("+" | "-") term }
 *     term       = factor { ("*" | "/") factor }
 *     factor     = number | "(" expression ")" | call | selector
 *     call       = ("p50" … "p999" | "mean" | "max" | "count" | "rate") "(" expression ")"
 *                | "share" "(" expression "of" expression ")"
 *     selector   = metric [ "{" [ label ("=" | "!=" | "=~" | "!~") string { "," … } ] "}" ]
 *
 * Throws a `QueryError` at the first mistake.
 */
export function parseQuery(text: string): Expression {
  if (text.length > MAX_LENGTH) {
    throw new QueryError('MS0300', `a query has at most ${MAX_LENGTH} characters`, {
      start: 0,
      end: 1,
    });
  }
  const parser = new Parser(tokensOf(text));
  const expression = parser.expression(0);
  parser.expectEnd();
  return expression;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expression(depth: number): Expression {
    let left = this.#term(depth);
    for (;;) {
      const operator = this.#takeOperator('+') ?? this.#takeOperator('-');
      if (operator === undefined) return left;
      left = operation(operator.text === '+' ? '+' : '-', left, this.#term(depth));
    }
  }

  expectEnd(): void {
    const token = this.#peek();
    if (token.kind !== 'end') throw unexpected(token, 'an operator or the end');
  }

  #term(depth: number): Expression {
    let left = this.#factor(depth);
    for (;;) {
      const operator = this.#takeOperator('*') ?? this.#takeOperator('/');
      if (operator === undefined) return left;
      left = operation(operator.text === '*' ? '*' : '/', left, this.#factor(depth));
    }
  }

  #factor(depth: number): Expression {
    const token = this.#next();
    if (depth > MAX_DEPTH) throw new QueryError('MS0300', 'too many parentheses', token);
    if (token.kind === 'number') return numberOf(token);
    if (token.kind === 'operator' && token.text === '(') {
      const inner = this.expression(depth + 1);
      this.#expectOperator(')');
      return inner;
    }
    if (token.kind !== 'name') throw unexpected(token, 'a metric, a function or a number');
    const next = this.#peek();
    const isCall = next.kind === 'operator' && next.text === '(';
    return isCall ? this.#call(token, depth) : this.#selector(token);
  }

  #call(name: Token, depth: number): Expression {
    this.#expectOperator('(');
    if (name.text === 'share') return this.#share(name, depth);
    const quantile = quantileOf(name.text);
    const plain = PLAIN_FUNCTIONS.find((known) => known === name.text);
    if (quantile === undefined && plain === undefined) throw unknownFunction(name);
    const argument = this.expression(depth + 1);
    const { end } = this.#expectOperator(')');
    const span = { start: name.start, end };
    return { kind: 'call', name: plain ?? 'quantile', quantile, argument, span };
  }

  #share(name: Token, depth: number): Expression {
    const part = this.expression(depth + 1);
    const of = this.#next();
    if (of.kind !== 'name' || of.text !== 'of') throw unexpected(of, '"of": share(A of B)');
    const whole = this.expression(depth + 1);
    const { end } = this.#expectOperator(')');
    return { kind: 'share', part, whole, span: { start: name.start, end } };
  }

  #selector(name: Token): Selector {
    const metric = METRIC_CATALOGUE.get(name.text);
    if (metric === undefined) {
      const names = [...METRIC_CATALOGUE.keys()];
      const hint = didYouMeanHint(name.text, names) ?? `one of ${names.join(', ')}`;
      throw new QueryError('MS0301', `there is no metric "${name.text}"`, name, hint);
    }
    const matchers: Matcher[] = [];
    let { end } = name;
    if (this.#takeOperator('{') !== undefined) {
      while (!this.#isOperator('}')) {
        matchers.push(this.#matcher());
        if (this.#takeOperator(',') === undefined) break;
      }
      end = this.#expectOperator('}').end;
    }
    const span = { start: name.start, end };
    return { kind: 'selector', metric, matchers: impliedMatchers(metric, matchers), span };
  }

  #matcher(): Matcher {
    const label = this.#next();
    if (label.kind !== 'name') throw unexpected(label, 'a label');
    if (!LABEL_CATALOGUE.has(label.text)) {
      const hint = didYouMeanHint(label.text, LABEL_CATALOGUE.keys());
      throw new QueryError('MS0302', `no metric has a label "${label.text}"`, label, hint);
    }
    const operator = this.#next();
    if (!isMatchOperator(operator.text)) throw unexpected(operator, 'one of = != =~ !~');
    const value = this.#next();
    if (value.kind !== 'string') throw unexpected(value, 'a text in quotes');
    return matcherOf(label.text, operator.text, value.text, value);
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #isOperator(text: string): boolean {
    const token = this.#peek();
    return token.kind === 'operator' && token.text === text;
  }

  #takeOperator(text: string): Token | undefined {
    return this.#isOperator(text) ? this.#next() : undefined;
  }

  #expectOperator(text: string): Token {
    const token = this.#next();
    if (token.kind !== 'operator' || token.text !== text) throw unexpected(token, `"${text}"`);
    return token;
  }
}

function operation(
  operator: '+' | '-' | '*' | '/',
  left: Expression,
  right: Expression,
): Expression {
  const span = { start: left.span.start, end: right.span.end };
  return { kind: 'operation', operator, left, right, span };
}

function numberOf(token: Token): Expression {
  const { start, end } = token;
  const isPercentage = token.text.endsWith('%');
  const value = Number(isPercentage ? token.text.slice(0, -1) : token.text);
  return { kind: 'number', value: isPercentage ? value / 100 : value, span: { start, end } };
}

/** `p50` → 0.5, `p999` → 0.999: the digits after a decimal point. */
function quantileOf(name: string): number | undefined {
  const digits = /^p([0-9]{1,6})$/.exec(name)?.[1];
  if (digits === undefined) return undefined;
  return digits === '100' ? 1 : Number(`0.${digits.padStart(2, '0')}`);
}

function isMatchOperator(text: string): text is MatchOperator {
  return text === '=' || text === '!=' || text === '=~' || text === '!~';
}

function unexpected(token: Token, wanted: string): QueryError {
  const found = token.kind === 'end' ? 'the end' : `"${token.text}"`;
  return new QueryError('MS0300', `expected ${wanted}, found ${found}`, token);
}

function unknownFunction(name: Token): QueryError {
  const names = ['p50', 'p90', 'p99', 'p999', ...PLAIN_FUNCTIONS, 'share'];
  const hint = didYouMeanHint(name.text, names) ?? `one of ${names.join(', ')}`;
  const span: Span = name;
  return new QueryError('MS0301', `there is no function "${name.text}"`, span, hint);
}
