import type { Resource } from '#config/resource.ts';
import type { Path } from '#source/path.ts';

/** A value of an object that somebody wrote. */
export interface WrittenSource {
  readonly resource: Resource;
  readonly path: Path;
}

const SOURCES = new WeakMap<Resource, (path: Path) => WrittenSource>();

/** Notes where the values of a derived object were written. */
export function noteWrittenSource(derived: Resource, written: (path: Path) => WrittenSource): void {
  SOURCES.set(derived, written);
}

/** What a value of an object follows from: of a derived one the object that it was made for. */
export function writtenSource(resource: Resource, path: Path): WrittenSource {
  return SOURCES.get(resource)?.(path) ?? { resource, path };
}
