import type { Resource, VirtualService } from '#config/resource.ts';
import type { Experiment } from '#scenario/experiment.ts';
import type { ViewWeights } from './run-view.ts';
import { placeOf } from './run-view-graph.ts';

/** Every weighted route, from the moment at which it is applied. */
export function viewWeights({ given, scenario, applied }: Experiment): readonly ViewWeights[] {
  const steps = scenario.timeline.flatMap((step) =>
    weightsOf(applied.get(step)?.resources ?? [], step.atNs),
  );
  return [...weightsOf(given.store.of('VirtualService'), 0), ...steps];
}

function weightsOf(resources: readonly Resource[], fromNs: number): readonly ViewWeights[] {
  return resources.filter(isVirtualService).flatMap((resource) =>
    resource.spec.http.flatMap((http, route): readonly ViewWeights[] => {
      if (http.route.length < 2) return [];
      const { namespace, name } = resource.metadata;
      return [
        {
          fromNs,
          virtualService: `${namespace}/${name}`,
          route,
          host: http.route[0]?.destination?.host ?? '',
          parts: http.route.map(({ destination, weight }, index) => ({
            name: destination?.subset || destination?.host || '',
            host: destination?.host ?? '',
            subset: destination?.subset ?? '',
            weight,
            at: placeOf(resource.placeOf(['spec', 'http', route, 'route', index, 'weight']))!,
          })),
        },
      ];
    }),
  );
}

function isVirtualService(resource: Resource): resource is VirtualService {
  return resource.kind === 'VirtualService';
}
