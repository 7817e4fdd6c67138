import { describe, expect, it } from 'vitest';
import { celProblem } from './problem.ts';

const START =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** What cel-go said of each, at the release that the goldens are of. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['', `ERROR: <input>:1:0: Syntax error: mismatched input '<EOF>' expecting ${START}`],
  [
    'response.code >=',
    `ERROR: <input>:1:17: Syntax error: mismatched input '<EOF>' expecting ${START}\n | response.code >=\n | ................^`,
  ],
  ['(a', "ERROR: <input>:1:3: Syntax error: missing ')' at '<EOF>'\n | (a\n | ..^"],
  ['a)', "ERROR: <input>:1:2: Syntax error: extraneous input ')' expecting <EOF>\n | a)\n | .^"],
  [
    'a and b',
    "ERROR: <input>:1:3: Syntax error: mismatched input 'and' expecting <EOF>\n | a and b\n | ..^",
  ],
  [
    'a == = b',
    "ERROR: <input>:1:6: Syntax error: token recognition error at: '= '\n | a == = b\n | .....^",
  ],
  [
    'a = 1',
    "ERROR: <input>:1:3: Syntax error: token recognition error at: '= '\n | a = 1\n | ..^\nERROR: <input>:1:5: Syntax error: extraneous input '1' expecting <EOF>\n | a = 1\n | ....^",
  ],
  [
    'a ? b',
    "ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>' expecting ':'\n | a ? b\n | .....^",
  ],
  ['a[1', "ERROR: <input>:1:4: Syntax error: missing ']' at '<EOF>'\n | a[1\n | ...^"],
  [
    'a && || b',
    `ERROR: <input>:1:6: Syntax error: extraneous input '||' expecting ${START}\n | a && || b\n | .....^`,
  ],
  [
    'a..b',
    "ERROR: <input>:1:3: Syntax error: no viable alternative at input '..'\n | a..b\n | ..^",
  ],
  ['!-a', "ERROR: <input>:1:3: Syntax error: no viable alternative at input '-a'\n | !-a\n | ..^"],
  [
    'a ? b ? c : d : e',
    "ERROR: <input>:1:7: Syntax error: mismatched input '?' expecting ':'\n | a ? b ? c : d : e\n | ......^",
  ],
  ['a ? b c', "ERROR: <input>:1:7: Syntax error: missing ':' at 'c'\n | a ? b c\n | ......^"],
  [
    'a ? : c',
    `ERROR: <input>:1:5: Syntax error: extraneous input ':' expecting ${START}\n | a ? : c\n | ....^\nERROR: <input>:1:8: Syntax error: mismatched input '<EOF>' expecting ':'\n | a ? : c\n | .......^`,
  ],
  [
    '(a).in',
    `ERROR: <input>:1:5: Syntax error: no viable alternative at input '.in'\n | (a).in\n | ....^\nERROR: <input>:1:7: Syntax error: mismatched input '<EOF>' expecting ${START}\n | (a).in\n | ......^`,
  ],
  [
    'a.true',
    "ERROR: <input>:1:3: Syntax error: mismatched input 'true' expecting IDENTIFIER\n | a.true\n | ..^",
  ],
  [
    '[a b]',
    "ERROR: <input>:1:4: Syntax error: extraneous input 'b' expecting {']', ','}\n | [a b]\n | ...^",
  ],
  [
    'T{1: 1}',
    "ERROR: <input>:1:3: Syntax error: mismatched input '1' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}\n | T{1: 1}\n | ..^",
  ],
  ['a.?b', "ERROR: <input>:1:2: unsupported syntax '.?'\n | a.?b\n | .^"],
  ['a[?0]', "ERROR: <input>:1:2: unsupported syntax '[?'\n | a[?0]\n | .^"],
  ['[?a]', "ERROR: <input>:1:2: unsupported syntax '?'\n | [?a]\n | .^"],
  ["'\\ud800'", "ERROR: <input>:1:1: invalid unicode code point\n | '\\ud800'\n | ^"],
  ["b'\\u00ff'", "ERROR: <input>:1:1: unable to unescape string\n | b'\\u00ff'\n | ^"],
  ['1e999', 'ERROR: <input>:1:1: invalid double literal\n | 1e999\n | ^'],
  [
    '-9223372036854775809',
    'ERROR: <input>:1:1: invalid int literal\n | -9223372036854775809\n | ^',
  ],
  ['.if', 'ERROR: <input>:1:1: reserved identifier: if\n | .if\n | ^'],
  ['has(a.f())', 'ERROR: <input>:1:8: invalid argument to has() macro\n | has(a.f())\n | .......^'],
  [
    'a.map(x.y, z)',
    'ERROR: <input>:1:8: argument is not an identifier\n | a.map(x.y, z)\n | .......^',
  ],
  ['if', 'ERROR: <input>:1:1: reserved identifier: if\n | if\n | ^'],
  ['has(a)', 'ERROR: <input>:1:5: invalid argument to has() macro\n | has(a)\n | ....^'],
  [
    'a.all(x.y, true)',
    'ERROR: <input>:1:8: argument must be a simple name\n | a.all(x.y, true)\n | .......^',
  ],
];

const TAKEN = [
  '!-1 || --1 < 0',
  '[,] == [] && {,} == T{,}',
  'has((a.b)) && .has(a) && has(has(a.b))',
  'a.`b-c` == T{if: 1}.if',
  'a.all((x), true) || a.existsOne(.x, true)',
  'response.code >= 400',
  "connection.mtls && request.url_path.contains('v1')",
  '!a || - -b < 0x1F * 1.5e3',
  "a in [1, 2u,] ? {'k': r'\\d'}['k'] : b\"x\"",
  'has(request.headers.x) && a.exists(x, x > 1) && a.map(x, x > 1, x)',
  "a.if == '''two\nlines''' && .T{f: 1}.f // why",
];

describe('the filter of an access log', () => {
  it.each(REFUSED)('%j is refused in the words of CEL’s parser', (expression, problem) => {
    expect(celProblem(expression)).toBe(problem);
  });

  it.each(TAKEN)('%j is CEL', (expression) => {
    expect(celProblem(expression)).toBeUndefined();
  });

  it('is told of a hundred of its mistakes', () => {
    const problem = celProblem('# '.repeat(20_000))!;
    expect(problem.split('ERROR: ')).toHaveLength(101);
    expect(problem).toMatch(/\n1 more errors were truncated$/);
  });

  it('is no deeper than CEL allows', () => {
    expect(celProblem('('.repeat(50_000))).toBe(
      'ERROR: <input>:-1:0: expression recursion limit exceeded: 250',
    );
    const sum = (terms: number): string => `a${' + a'.repeat(terms)}`;
    expect(celProblem(sum(250))).toBeUndefined();
    expect(celProblem(sum(251))).toBe('ERROR: <input>:-1:0: max recursion depth exceeded');
    expect(celProblem(`a${'.b'.repeat(251)}`)).toBe(celProblem(sum(251)));
    expect(celProblem(`a${' && a'.repeat(20_000)}`)).toBeUndefined();
  });
});
