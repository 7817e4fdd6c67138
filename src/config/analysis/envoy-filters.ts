import { isMapping, isSequence, member, textMember, type YamlValue } from '#source/yaml-value.ts';
import type { Resource } from '../resource.ts';
import type { AnalysisContext, Analyzer } from './analysis-context.ts';

/** Applied to these, ADD and REMOVE do nothing. */
const ROUTES = new Set(['ROUTE_CONFIGURATION', 'HTTP_ROUTE']);
const REPLACEABLE = new Set(['NETWORK_FILTER', 'HTTP_FILTER', 'VIRTUAL_HOST']);

/** EnvoyFilters are not simulated; their patches are looked at all the same.
 *
 * @source istio: pkg/config/analysis/analyzers/envoyfilter/envoyfilter.go
 */
export const envoyFilterAnalyzer: Analyzer = {
  name: 'envoyfilter.EnvoyPatchAnalyzer',
  inputs: ['EnvoyFilter'],
  analyze(context) {
    // Names that patches for one version of the proxy have had, over all filters.
    const versioned = new Set<string>();
    for (const filter of context.others('networking.istio.io', 'EnvoyFilter')) {
      const patches = member(filter.raw.get('spec'), 'configPatches');
      for (const [index, patch] of (isSequence(patches) ? patches : []).entries()) {
        if (!isMapping(member(patch, 'patch'))) break;
        checkPatch(context, filter, { patch, index, versioned });
        const proxy = member(member(patch, 'match'), 'proxy');
        if ((textMember(proxy, 'proxyVersion') ?? '') !== '') versioned.add(nameOf(patch));
      }
    }
  },
};

interface PatchAt {
  readonly patch: YamlValue;
  readonly index: number;
  readonly versioned: ReadonlySet<string>;
}

function checkPatch(context: AnalysisContext, filter: Resource, at: PatchAt): void {
  const path = ['spec', 'configPatches', at.index, 'patch'];
  const where = { line: [...path, 'value'], at: [...path, 'operation'] };
  const applyTo = textMember(at.patch, 'applyTo') ?? '';
  const priority = member(filter.raw.get('spec'), 'priority') ?? 0;
  const relative = at.versioned.has(nameOf(at.patch)) ? 'IST0155' : 'IST0151';
  const reportRelative = () => {
    if (priority === 0) context.report(relative, filter, [], where);
  };
  switch (textMember(member(at.patch, 'patch'), 'operation')) {
    case 'ADD':
      if (ROUTES.has(applyTo)) context.report('IST0153', filter, [], where);
      return;
    case 'REMOVE':
      if (ROUTES.has(applyTo)) context.report('IST0154', filter, [], where);
      else reportRelative();
      return;
    case 'REPLACE':
      if (!REPLACEABLE.has(applyTo)) context.report('IST0152', filter, [], where);
      else reportRelative();
      return;
    case 'INSERT_BEFORE':
    case 'INSERT_AFTER':
      reportRelative();
      return;
  }
}

/** The name that a patch gives to what it makes, else that of the filter it looks for. */
function nameOf(patch: YamlValue): string {
  const value = member(member(patch, 'patch'), 'value');
  if (!isMapping(value)) return '';
  const name = value.get('name');
  if (name !== undefined) return JSON.stringify(name);
  const chain = member(member(member(patch, 'match'), 'listener'), 'filterChain');
  return textMember(member(chain, 'filter'), 'name') ?? '';
}
