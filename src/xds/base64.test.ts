import { expect, it } from 'vitest';
import { base64Text } from './base64.ts';

it('reads standard and URL-safe base64, padded or not, as UTF-8', () => {
  expect(base64Text('aGVsbG8=')).toBe('hello');
  expect(base64Text('aGVsbG8')).toBe('hello');
  expect(base64Text('w7w_')).toBe('ü?');
  expect(base64Text('w7w/')).toBe('ü?');
  expect(base64Text('')).toBe('');
});
