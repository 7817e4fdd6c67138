import { inspectMesh } from '#mesh/proxy-inspection.ts';
import { manifestSources } from './manifest-sources.ts';
import type { ProgramContext } from './program-context.ts';
import { optimizeLate } from './when-to-optimize.ts';

/** The mesh of the command line's files, for a command that looks at it and runs nothing. */
export function inspectedMesh(
  paths: readonly string[],
  istioVersion: string | undefined,
  { files }: ProgramContext,
): ReturnType<typeof inspectMesh> {
  const sources = manifestSources(paths, files);
  optimizeLate();
  return inspectMesh(sources, files, istioVersion);
}
