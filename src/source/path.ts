/** Where a value lies in a document: keys of mappings and indexes of sequences, from the root. */
export type Path = readonly (string | number)[];

/** A path as Kubernetes writes it: `spec.http[0].timeout`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** `mirror_percent` → `mirrorPercent`, as protobuf's JSON form does it. */
export function camelCase(name: string): string {
  if (!name.includes('_')) return name;
  return name.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
