import { describePodText, describeServiceText } from '#mesh/description/description.ts';
import { didYouMeanHint } from '#source/did-you-mean.ts';
import { EXIT } from './exit-code.ts';
import { inspectedMesh } from './inspected-mesh.ts';
import type { ProgramContext } from './program-context.ts';
import { usage } from './proxy-source.ts';

export interface DescribeOptions {
  readonly file: readonly string[];
  readonly namespace: string;
  readonly istioVersion?: string;
}

const KINDS: ReadonlyMap<string, 'pod' | 'service'> = new Map([
  ['pod', 'pod'],
  ['po', 'pod'],
  ['service', 'service'],
  ['svc', 'service'],
]);

/** Prints what configuration affects a pod or a service, as `istioctl x describe`. */
export function describe(
  kindText: string,
  name: string,
  options: DescribeOptions,
  context: ProgramContext,
): void {
  const kind = KINDS.get(kindText);
  if (kind === undefined) {
    usage(`unknown kind "${kindText}"`, 'pod or service', context);
    return;
  }
  const { mesh, files, diagnostics } = inspectedMesh(options.file, options.istioVersion, context);
  if (context.report(diagnostics, files, false)) context.endWith(EXIT.badInput);
  const dot = name.lastIndexOf('.');
  const wanted = [
    { name, namespace: options.namespace },
    { name: name.slice(0, dot), namespace: name.slice(dot + 1) },
  ];
  const isWanted = (it: { readonly name: string; readonly namespace: string }) =>
    wanted.some((one) => one.name === it.name && one.namespace === it.namespace);
  const services = mesh.view.store.of('Service');
  const pod = mesh.view.pods.find(
    (it) => isWanted(it) || isWanted({ name: it.workload, namespace: it.namespace }),
  );
  const service = services.find(({ metadata }) => isWanted(metadata));
  if (kind === 'pod' && pod !== undefined)
    context.print(describePodText(mesh, pod, options.namespace));
  else if (kind === 'service' && service !== undefined)
    context.print(describeServiceText(mesh, service, options.namespace));
  else {
    const known = kind === 'pod' ? mesh.view.pods : services.map(({ metadata }) => metadata);
    const names = known.map((it) => `${it.name}.${it.namespace}`);
    const hint = didYouMeanHint(name, names) ?? `there are: ${names.slice(0, 20).join(', ')}`;
    usage(`the mesh has no ${kind} "${name}"`, hint, context);
  }
}
