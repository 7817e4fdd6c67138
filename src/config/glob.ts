/** Braces are expanded to at most this many patterns. */
const MAX_ALTERNATIVES = 1000;

/** Whether a path is a pattern rather than a name. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** The folder of a pattern below which all that can match lies; `.` when that is the working folder. */
export function globRoot(pattern: string): string {
  const fixed = pattern.slice(0, pattern.search(/[*?[{]/));
  const slash = fixed.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : fixed.slice(0, slash);
}

/** Whether a path matches: `*` and `?` within one name, `**` across folders, `[a-z]`, `{a,b}`. */
export function globMatcher(pattern: string): (path: string) => boolean {
  const expressions = alternatives(pattern).map((one) => new RegExp(`^${expressionOf(one)}$`, 's'));
  return (path) => expressions.some((expression) => expression.test(path.replace(/^\.\//, '')));
}

function alternatives(pattern: string): readonly string[] {
  let open = [pattern.replace(/^\.\//, '')];
  for (;;) {
    const next = open.flatMap((one) => {
      const [whole, list] = /\{([^{}]*)\}/.exec(one) ?? [];
      if (whole === undefined) return [one];
      return list!.split(',').map((choice) => one.replace(whole, () => choice));
    });
    if (next.length === open.length && next.every((one, index) => one === open[index])) return next;
    open = next.slice(0, MAX_ALTERNATIVES);
  }
}

function expressionOf(pattern: string): string {
  const token = /\*\*\/|\*\*|\*|\?|\[!?[^\]/]+\]|./gs;
  return (pattern.match(token) ?? []).map(tokenExpression).join('');
}

function tokenExpression(token: string): string {
  if (token === '**/') return '(?:[^/]+/)*';
  if (token === '**') return '.*';
  if (token === '*') return '[^/]*';
  if (token === '?') return '[^/]';
  if (token.length > 1) {
    const not = token.startsWith('[!');
    const body = token.slice(not ? 2 : 1, -1).replace(/[\\^[]/g, '\\$&');
    // A range that runs backwards matches nothing rather than being an error.
    return /(.)-(.)/.test(body) &&
      body.replace(/.*(.)-(.).*/, '$2') < body.replace(/.*(.)-(.).*/, '$1')
      ? '(?!)'
      : `[${not ? '^' : ''}${body}]`;
  }
  return token.replace(/[.+^${}()|\\[\]/-]/g, '\\$&');
}
