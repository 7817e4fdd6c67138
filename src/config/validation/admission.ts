import type { Diagnostic } from '#source/diagnostic.ts';
import type { Resource } from '../resource.ts';
import type { AdmissionFinding } from './admission-finding.ts';
import type { Finding } from './findings.ts';
import { kubernetesFindings } from './kubernetes-values.ts';
import type { SchemaProblem } from './schema.ts';
import { validateResource } from './validate.ts';

/**
 * What the API server and istiod's webhook say to an object, each fault once: where both speak of one
 * field, istiod's words.
 */
export function admissionFindings(resource: Resource): readonly AdmissionFinding[] {
  const { schema, webhook } = validateResource(resource);
  const { errors, warnings } = webhook.findings;
  // Of most objects nothing is said.
  const isFine = schema.valid && webhook.error === undefined && warnings.length === 0;
  if (isFine && errors.length === 0) return kubernetesFindings(resource);
  const told = new Set(errors.map(({ path }) => JSON.stringify(path)));
  const ofSchema = schema.problems
    .filter(({ path, code }) => code !== 'MS0130' || !told.has(JSON.stringify(path)))
    .map((problem) => ofProblem(resource, problem));
  return [
    ...ofSchema,
    ...undecodable(webhook.error, schema.valid),
    ...errors.map(asError),
    ...warnings.map(asWarning),
    ...kubernetesFindings(resource),
  ];

  // What the schema lets through may still be no protobuf: a duration without a rule, say.
  function undecodable(error: string | undefined, isValid: boolean): AdmissionFinding[] {
    const isSaid = errors.length > 0 || !isValid;
    if (error === undefined || isSaid) return [];
    return [{ code: 'MS0131', severity: 'error', message: error, path: ['spec'] }];
  }
}

/** As diagnostics, without those that the reading of the object has given already. */
export function admissionDiagnostics(resource: Resource): readonly Diagnostic[] {
  const findings = admissionFindings(resource);
  if (findings.length === 0) return NOTHING;
  return findings
    .filter(({ code }) => !/^MS012[0-4]$/.test(code))
    .map(({ code, severity, message, path, hint }) => ({
      code,
      severity,
      message,
      at: resource.placeOf(path),
      ...(hint === undefined ? {} : { hint }),
    }));
}

const NOTHING: readonly Diagnostic[] = [];

function ofProblem({ kind, metadata }: Resource, problem: SchemaProblem): AdmissionFinding {
  const { code, path, text, hint } = problem;
  const message =
    code === 'MS0120'
      ? `strict decoding error: unknown field "${text}"`
      : `The ${kind} "${metadata.name}" is invalid: ${text}`;
  return { code, severity: 'error', message, path, ...(hint === undefined ? {} : { hint }) };
}

function asError({ message, path }: Finding): AdmissionFinding {
  return { code: 'IST0106', severity: 'error', message, path };
}

function asWarning({ message, path, analysis }: Finding): AdmissionFinding {
  return { code: analysis?.code ?? 'IST0133', severity: 'warning', message, path };
}
