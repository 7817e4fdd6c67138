import { InvalidArgumentError, Option } from 'commander';
import { isIstioVersion } from '#mesh/given-mesh.ts';

/** `--istio-version 1.24`: whose defaults and behaviours the control plane has. */
export function istioVersionOption(): Option {
  return new Option('--istio-version <version>', 'whose defaults: 1.24').argParser(istioVersion);
}

function istioVersion(text: string): string {
  if (!isIstioVersion(text)) throw new InvalidArgumentError('write 1.24; 1.17 is the oldest.');
  return text;
}
