import { describe, expect, it } from 'vitest';
import { compilePathNormalization, normalizedPath, pathRefusal } from './path-normalization.ts';

const settings = (fields: object) =>
  compilePathNormalization({ '@type': 'hcm', statPrefix: '', ...fields });
const base = settings({ normalizePath: true });

describe('path normalization', () => {
  it.each([
    ['/a/../b?x=/../y', '/b?x=/../y'],
    ['/a/./b/.', '/a/b/'],
    ['/..', '/'],
    ['/a/%2E%2e/b', '/b'],
    ['/a\\b', '/a/b'],
    ['/%41%2d%7E', '/A-~'],
    ['/a b"', '/a%20b%22'],
    ['/a"b<>^`{|}\'()*!,;=[]', "/a%22b%3C%3E%5E%60%7B%7C%7D'()*!,;=[]"],
    ['/%41%2d%7e%20%2f%5c', '/A-~%20%2f%5c'],
    ['/n/%2E', '/n/'],
    ['/a%2fb', '/a%2fb'],
    ['//a//b', '//a//b'],
    ['/%zz', '/%zz'],
  ])('with BASE makes %s %s', (path, expected) => {
    expect(normalizedPath(base, path)).toEqual({ action: 'forward', path: expected });
  });

  it('merges slashes in the path alone', () => {
    const merged = settings({ normalizePath: true, mergeSlashes: true });
    expect(normalizedPath(merged, '//a///b//?c=//d').path).toBe('/a/b/?c=//d');
  });

  it('unescapes slashes before it merges them, and redirects or rejects where told to', () => {
    const decode = { normalizePath: true, mergeSlashes: true };
    const forward = { ...decode, pathWithEscapedSlashesAction: 'UNESCAPE_AND_FORWARD' };
    expect(normalizedPath(settings(forward), '/a%2F/b%5c').path).toBe('/a/b/');
    const redirect = settings({ pathWithEscapedSlashesAction: 'UNESCAPE_AND_REDIRECT' });
    expect(normalizedPath(redirect, '/a%2Fb')).toEqual({ action: 'redirect', path: '/a/b' });
    expect(normalizedPath(redirect, '/a')).toEqual({ action: 'forward', path: '/a' });
    const reject = settings({ pathWithEscapedSlashesAction: 'REJECT_REQUEST' });
    expect(normalizedPath(reject, '/a%2Fb').action).toBe('reject');
  });

  it('rejects a fragment, and an escaped NUL where paths are normalized', () => {
    expect(normalizedPath(settings({}), '/a#b').action).toBe('reject');
    expect(normalizedPath(base, '/a%00').action).toBe('reject');
    expect(normalizedPath(settings({}), '/a%00/../b').path).toBe('/a%00/../b');
  });

  it('answers what does not go on with 400, or 307 to the path that it should have been', () => {
    expect(pathRefusal({ action: 'forward', path: '/a' })).toBeUndefined();
    expect(pathRefusal({ action: 'reject', path: '/a#b' })).toMatchObject({
      status: 400,
      details: 'path_normalization_failed',
    });
    expect(pathRefusal({ action: 'redirect', path: '/a/b' })).toMatchObject({
      status: 307,
      headers: [['location', '/a/b']],
    });
  });
});
