import type { Resource } from '../resource.ts';
import { isIstioKind, kindNames } from '../resource-kinds.ts';
import type { Finding } from '../validation/findings.ts';
import { webhookAnswer } from '../validation/webhook.ts';
import type { AnalysisContext, Analyzer } from './analysis-context.ts';

const NOTHING: ReadonlyMap<string, string> = new Map();

/**
 * What istiod's validation says of each object, one message for each error and warning. Labels and
 * annotations are not looked at here: so it is in istioctl.
 *
 * @source istio: pkg/config/analysis/analyzers/schema/validation.go
 */
export const schemaAnalyzers: readonly Analyzer[] = kindNames()
  .filter(isIstioKind)
  .map((kind) => ({
    name: `schema.ValidationAnalyzer.${kind}`,
    inputs: [kind],
    analyze(context) {
      for (const resource of context.of(kind)) reportFindings(context, resource);
    },
  }));

function reportFindings(context: AnalysisContext, resource: Resource): void {
  const metadata = { ...resource.metadata, labels: NOTHING, annotations: NOTHING };
  const { findings } = webhookAnswer({ ...resource, metadata });
  for (const { message, path } of findings.errors)
    context.report('IST0106', resource, [message], { at: path });
  for (const warning of findings.warnings) reportWarning(context, resource, warning);
}

function reportWarning(
  context: AnalysisContext,
  resource: Resource,
  { message, path, analysis }: Finding,
): void {
  const code = analysis?.code;
  if (code === 'IST0130' || code === 'IST0131')
    context.report(code, resource, analysis!.parameters, { at: path });
  else context.report('IST0133', resource, [message], { at: path });
}
