import { describe, expect, it } from 'vitest';
import { celProblem } from './cel-syntax.ts';

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
  ['if', 'ERROR: <input>:1:1: reserved identifier: if\n | if\n | ^'],
  ['has(a)', 'ERROR: <input>:1:5: invalid argument to has() macro\n | has(a)\n | ....^'],
  [
    'a.all(x.y, true)',
    'ERROR: <input>:1:8: argument must be a simple name\n | a.all(x.y, true)\n | .......^',
  ],
];

const TAKEN = [
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

  it('is no deeper than CEL allows, and takes no longer for its length', () => {
    expect(celProblem('('.repeat(50_000))).toContain('expression recursion limit exceeded: 250');
    expect(celProblem(`${'a + '.repeat(20_000)}a`)).toBeUndefined();
  });
});
