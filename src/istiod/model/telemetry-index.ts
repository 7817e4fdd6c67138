import type { AccessLogging } from '#config/istio/telemetry.ts';
import type { Telemetry } from '#config/resource.ts';
import { append } from './append.ts';
import { type Labels, NO_LABELS, selects } from './labels.ts';

/** Telemetry resources by the proxies that they concern. */
export class TelemetryIndex {
  readonly #byNamespace = new Map<string, Telemetry[]>();
  readonly #rootNamespace: string;

  /** Oldest first. */
  constructor(telemetries: readonly Telemetry[], rootNamespace: string) {
    this.#rootNamespace = rootNamespace;
    for (const telemetry of telemetries) {
      append(this.#byNamespace, telemetry.metadata.namespace, telemetry);
    }
  }

  /**
   * What resources say about a proxy's access log: the mesh's, the namespace's, then those that select
   * the workload. Of mesh and namespace the oldest counts.
   *
   * @source istio: pilot/pkg/model/telemetry.go, applicableTelemetries
   */
  accessLogging(namespace: string, labels: Labels): readonly (readonly AccessLogging[])[] {
    const levels =
      namespace === this.#rootNamespace ? [namespace] : [this.#rootNamespace, namespace];
    const wide = levels.map((level) => this.#of(level).find(isNamespaceWide));
    const selecting = this.#of(namespace).filter(
      (telemetry) =>
        !isNamespaceWide(telemetry) &&
        !hasTargets(telemetry) &&
        selects(selectorOf(telemetry), labels),
    );
    return [...wide, ...selecting]
      .map((telemetry) => telemetry?.spec.accessLogging ?? [])
      .filter((logging) => logging.length > 0);
  }

  #of(namespace: string): readonly Telemetry[] {
    return this.#byNamespace.get(namespace) ?? [];
  }
}

function selectorOf({ spec }: Telemetry): Labels {
  return spec.selector?.matchLabels ?? NO_LABELS;
}

/** Resources of the Gateway API are targeted; sidecars and Istio's own gateways are not. */
function hasTargets({ spec }: Telemetry): boolean {
  return spec.targetRef !== undefined || spec.targetRefs.length > 0;
}

function isNamespaceWide(telemetry: Telemetry): boolean {
  return selectorOf(telemetry).size === 0 && !hasTargets(telemetry);
}
