type State =
  | 'literal'
  | 'variable name'
  | 'expect array'
  | 'expect string'
  | 'string'
  | 'expect delimiter or end of array'
  | 'expect end of arguments'
  | 'expect end of variable';

/** What a character does in a state: the next state, an error, or how many characters to skip. */
type Step = { readonly to: State; readonly skips?: boolean } | { readonly problem: string };

const PREFIX = 'invalid header configuration. ';

/**
 * Problems of `%VARIABLE%` expressions in a header's value, as Envoy's header parser finds them.
 *
 * @source istio: pkg/config/validation/header_value_validator.go
 */
export function headerFormatProblem(value: string): string | undefined {
  let state: State = 'literal';
  for (let at = 0; at < value.length; at++) {
    const step: Step = STEPS[state](value[at]!, value[at + 1]);
    if ('problem' in step) return PREFIX + step.problem;
    state = step.to;
    if (step.skips === true) at++;
  }
  return state === 'literal' ? undefined : `${PREFIX}Un-terminated variable expression '${value}'`;
}

const STEPS: Readonly<Record<State, (letter: string, next: string | undefined) => Step>> = {
  literal: (letter, next) => {
    if (letter !== '%') return { to: 'literal' };
    if (next === undefined) return { problem: 'Un-escaped %' };
    return next === '%' ? { to: 'literal', skips: true } : { to: 'variable name' };
  },
  'variable name': (letter) => {
    if (letter === '%') return { to: 'literal' };
    return { to: letter === '(' ? 'expect array' : 'variable name' };
  },
  'expect array': (letter) => {
    if (letter === '[') return { to: 'expect string' };
    return { to: letter === ' ' ? 'expect array' : 'string' };
  },
  'expect delimiter or end of array': (letter) => {
    if (letter === ',') return { to: 'expect string' };
    if (letter === ']') return { to: 'expect end of arguments' };
    if (letter === ' ') return { to: 'expect delimiter or end of array' };
    return { problem: "Expecting ',', ']', or whitespace" };
  },
  'expect string': (letter) => {
    if (letter === '"') return { to: 'string' };
    return letter === ' ' ? { to: 'expect string' } : { problem: `Expecting '"'` };
  },
  string: (letter, next) => {
    if (letter === '\\') {
      return next === undefined
        ? { problem: 'Un-terminated backslash in JSON string' }
        : { to: 'string', skips: true };
    }
    if (letter === ')') return { to: 'expect end of variable' };
    return { to: letter === '"' ? 'expect delimiter or end of array' : 'string' };
  },
  'expect end of arguments': (letter) => {
    if (letter === ')') return { to: 'expect end of variable' };
    return letter === ' '
      ? { to: 'expect end of arguments' }
      : { problem: "Expecting ')' or whitespace after '{}', but found '{}'" };
  },
  'expect end of variable': (letter) => {
    if (letter === '%') return { to: 'literal' };
    return letter === ' '
      ? { to: 'expect end of variable' }
      : { problem: "Expecting '%' or whitespace after" };
  },
};
