import { didYouMeanHint } from '#source/did-you-mean.ts';
import type { Entry, ScenarioNode } from './scenario-node.ts';
import type { Report } from './shape.ts';

/** Parameter values by name: the scenario's own, overridden by `--set`. */
export type ParameterValues = ReadonlyMap<string, null | boolean | number | string>;

/**
 * The tree with every `${name}` filled in. A text that is nothing but `${name}` takes the value as it
 * is (a number stays a number); inside a longer text it is written out.
 */
export function withParameters(
  node: ScenarioNode,
  values: ParameterValues,
  report: Report,
): ScenarioNode {
  if (node.kind === 'mapping') {
    const entries = new Map<string, Entry>();
    let isChanged = false;
    for (const [key, entry] of node.entries) {
      const below = withParameters(entry.node, values, report);
      if (below !== entry.node) isChanged = true;
      entries.set(key, { ...entry, node: below });
    }
    return isChanged ? { ...node, entries } : node;
  }
  if (node.kind === 'sequence') {
    const items = node.items.map((item) => withParameters(item, values, report));
    return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
  }
  if (typeof node.value !== 'string' || !node.value.includes('${')) return node;
  return { ...node, value: filledIn(node.value, node.at, values, report) };
}

function filledIn(
  text: string,
  at: ScenarioNode['at'],
  values: ParameterValues,
  report: Report,
): null | boolean | number | string {
  const parameter = (name: string): null | boolean | number | string => {
    const value = values.get(name);
    if (value !== undefined) return value;
    const hint = didYouMeanHint(name, values.keys()) ?? `declare it: params: { ${name}: … }`;
    report.error('MS0207', at, `"\${${name}}" is not declared in params`, hint);
    return '';
  };
  const whole = /^\$\{([\w-]+)\}$/.exec(text);
  if (whole !== null) return parameter(whole[1]!);
  return text.replace(/\$\{([\w-]+)\}/g, (_, name: string) => String(parameter(name)));
}

/** The declared parameters, with `overrides` (texts from `--set`) put in their place. */
export function parameterValues(
  params: ScenarioNode | undefined,
  overrides: ReadonlyMap<string, string>,
  report: Report,
): ParameterValues {
  const values = new Map<string, null | boolean | number | string>();
  if (params?.kind === 'mapping') {
    for (const [name, { node }] of params.entries) {
      if (node.kind === 'scalar') values.set(name, node.value);
      else report.error('MS0202', node.at, `the parameter "${name}" is no single value`);
    }
  }
  for (const [name, text] of overrides) {
    if (values.has(name)) values.set(name, scalarOf(text));
    else {
      const known = [...values.keys()];
      const hint =
        didYouMeanHint(name, known) ??
        (known.length === 0 ? 'the scenario declares none' : `declared are ${known.join(', ')}`);
      report.error('MS0207', params?.at, `--set ${name}: no such parameter`, hint);
    }
  }
  return values;
}

/** A value as YAML 1.2 would read it. */
export function scalarOf(text: string): boolean | number | string {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
}
