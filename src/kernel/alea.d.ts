declare module 'seedrandom/lib/alea.js' {
  interface Alea {
    /** 32 random bits, in [0, 1). */
    (): number;
    /** 53 random bits, in [0, 1). */
    double(): number;
    /** A signed 32-bit integer. */
    int32(): number;
  }
  export default function alea(seed: string): Alea;
}
