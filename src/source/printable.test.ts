import { describe, expect, it } from 'vitest';
import { printable, printableColoured } from './printable.ts';

describe('text of a file on a terminal', () => {
  it('clears no screen, sets no title, turns no line around', () => {
    expect(printable('a\u001b[2J\u001b]0;x\u0007b')).toBe('a�[2J�]0;x�b');
    expect(printable('\u009b2J\u202e\u2067\r')).toBe('�2J���');
  });

  it('keeps tabs, lines and every language', () => {
    const text = 'a\tb\n\u05e9\u05dc\u05d5\u05dd, größer, 日本, 😀';
    expect(printable(text)).toBe(text);
  });

  it('keeps colours where they are ours', () => {
    expect(printableColoured('\u001b[1mbold\u001b[22m \u001b[2J')).toBe(
      '\u001b[1mbold\u001b[22m �[2J',
    );
  });
});
