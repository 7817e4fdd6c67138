import { describe, expect, it } from 'vitest';
import {
  flagBits,
  flagsText,
  hasFlag,
  parseFlags,
  RESPONSE_FLAGS,
  withFlag,
} from './response-flags.ts';

describe('response flags', () => {
  it('are printed in the order in which they were set, each once', () => {
    const sequence = withFlag(withFlag(withFlag(0, 'URX'), 'UF'), 'URX');
    expect(flagsText(sequence)).toBe('URX,UF');
    expect(flagsText(withFlag(withFlag(0, 'UF'), 'URX'))).toBe('UF,URX');
    expect(flagsText(0)).toBe('-');
    expect([hasFlag(sequence, 'UF'), hasFlag(sequence, 'UO')]).toEqual([true, false]);
  });

  it('are read as they are printed, and nothing else is', () => {
    for (const text of ['-', 'UO', 'URX,UF', 'DI,URX,UT', 'UDO,LH']) {
      expect(flagsText(parseFlags(text)!)).toBe(text);
    }
    expect(parseFlags('UX')).toBeUndefined();
    expect(parseFlags('UO,')).toBeUndefined();
  });

  it('have these bits for ever: digests depend on them', () => {
    expect(RESPONSE_FLAGS.map(([flag]) => flag).join(' ')).toBe(
      'LH UH UT LR UR UF UC UO NR DI FI RL UAEX RLSE DC URX SI IH DPE UMSDR RFCF NFCF DT UPE NC OM DF DO DR UDO',
    );
    expect(flagBits(parseFlags('LH')!)).toBe(1);
    expect(flagBits(parseFlags('UO,URX')!)).toBe((1 << 7) | (1 << 15));
    expect(flagBits(parseFlags('UDO')!)).toBe(1 << 29);
  });
});
