/** `503 UO`; the code alone without flags. */
export function outcomeText(code: number, flags: string): string {
  return flags === '-' ? String(code) : `${code} ${flags}`;
}
