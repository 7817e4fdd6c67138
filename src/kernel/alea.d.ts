declare module 'seedrandom/lib/alea.js' {
  interface Alea {
    /** 32 random bits, in [0, 1). */
    (): number;
    /** 53 random bits, in [0, 1). */
    double(): number;
    /** A signed 32-bit integer. */
    int32(): number;
    /** Three fractions of 32 bits and a carry. */
    state(): { readonly s0: number; readonly s1: number; readonly s2: number; readonly c: number };
  }
  export default function alea(seed: string, options?: { readonly state: true }): Alea;
}
