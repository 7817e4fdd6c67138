import { choice, duration, flag } from './scalar-shapes.ts';
import { key, mappingOf, type Shape, turned } from './shape.ts';

/** How its pods begin and end; undefined = as the manifests say. */
export interface LifecycleSettings {
  readonly readyNs: number | undefined;
  readonly preStopNs: number | undefined;
  readonly sidecarPreStopNs: number | undefined;
  readonly graceNs: number | undefined;
  readonly drainNs: number | undefined;
  readonly isSidecarNative: boolean | undefined;
  readonly onTerm: 'finish' | 'exit' | 'ignore' | undefined;
}

/** `lifecycle:` of a workload. */
export const lifecycle: Shape<LifecycleSettings> = turned(
  mappingOf('a lifecycle', {
    ready: key(
      duration,
      'From the start of a pod until it is ready. Default: `readinessDelay`, or what the manifest’s probes take if that is longer.',
    ),
    preStop: key(duration, 'The application’s preStop hook. Default: as the manifest says.'),
    sidecarPreStop: key(
      duration,
      'The preStop hook of the sidecar’s container; a native one drains at once. Default: as the manifest says.',
    ),
    onTerm: key(
      choice('finish', 'exit', 'ignore'),
      'On SIGTERM the application finishes what it has (default), exits at once, or takes no notice.',
    ),
    grace: key(duration, 'Default: `terminationGracePeriodSeconds`, else 30 s.'),
    drain: key(duration, 'How long the sidecar drains. Default: `terminationDrainDuration`, 5 s.'),
    nativeSidecar: key(flag, 'true: the sidecar ends after the application.'),
  }),
  (found): LifecycleSettings => ({
    readyNs: found.ready,
    preStopNs: found.preStop,
    sidecarPreStopNs: found.sidecarPreStop,
    graceNs: found.grace,
    drainNs: found.drain,
    isSidecarNative: found.nativeSidecar,
    onTerm: found.onTerm,
  }),
);
