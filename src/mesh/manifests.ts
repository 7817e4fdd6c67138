import { type Files, loadResources } from '#config/loader.ts';
import type { Resource } from '#config/resource.ts';
import { readResources } from '#config/resource-read.ts';
import { admissionDiagnostics } from '#config/validation/admission.ts';
import type { Diagnostic, Place } from '#source/diagnostic.ts';
import type { SourceFile } from '#source/source-file.ts';
import type { YamlDocument } from '#source/yaml-document.ts';

/** Something that gives objects: a path to read, or an object written elsewhere. */
export type ManifestSource =
  | { readonly kind: 'path'; readonly path: string; readonly at: Place }
  | { readonly kind: 'inline'; readonly document: YamlDocument; readonly at: Place };

export interface LoadedManifests {
  /** In the order of the sources. */
  readonly resources: readonly Resource[];
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the objects of all sources. A path that gives nothing is said where it is named; so is what a
 * cluster would refuse, as it refuses it.
 */
export function loadManifests(sources: readonly ManifestSource[], files: Files): LoadedManifests {
  const resources: Resource[] = [];
  const read: SourceFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const source of sources) {
    if (source.kind === 'inline') {
      resources.push(...readResources(source.document, 'default', diagnostics));
      continue;
    }
    const loaded = loadResources([source.path], files);
    resources.push(...loaded.resources);
    read.push(...loaded.files);
    for (const found of loaded.diagnostics)
      diagnostics.push(found.at === undefined ? { ...found, at: source.at } : found);
  }
  diagnostics.push(...resources.flatMap(admissionDiagnostics));
  return { resources, files: read, diagnostics };
}
