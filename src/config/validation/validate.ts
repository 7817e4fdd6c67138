import { readYaml } from '#source/yaml-read.ts';
import type { Resource } from '../resource.ts';
import { isIstioKind, kindOfObject, RESOURCE_KINDS, type ResourceKind } from '../resource-kinds.ts';
import { readResources } from '../resource-read.ts';
import { listText } from './go-format.ts';
import { type SchemaProblem, schemaProblems } from './schema.ts';
import { duplicateProblems, ruleProblems, unknownFields } from './schema-rules.ts';
import { type WebhookAnswer, webhookAnswer } from './webhook.ts';

/** What a cluster says to the creation of an object: first its schema, then istiod's webhook. */
export interface Validation {
  readonly schema: SchemaAnswer;
  readonly webhook: WebhookAnswer;
}

export interface SchemaAnswer {
  readonly valid: boolean;
  /** All problems of the first step that found any, in one text. */
  readonly error?: string;
  readonly problems: readonly SchemaProblem[];
}

/** Objects of kinds that are not Istio's are valid here: their schemas are Kubernetes' own. */
export function validateResource(resource: Resource): Validation {
  return { schema: schemaAnswer(resource), webhook: webhookAnswer(resource) };
}

/** The first step of the API server's checks that finds something decides what it says. */
function schemaAnswer(resource: Resource): SchemaAnswer {
  const kind = kindOfObject(resource.apiVersion, resource.kind);
  const written = resource.raw.get('spec');
  if (kind === undefined || !isIstioKind(kind)) return { valid: true, problems: [] };
  const table: ResourceKind = RESOURCE_KINDS[kind];
  const shape = table.spec;
  const identity = `${kind}/${resource.metadata.name}/${resource.metadata.namespace}`;
  const refused = (text: string, problems: readonly SchemaProblem[]): SchemaAnswer => ({
    valid: false,
    error: `${identity}: ${text}`,
    problems,
  });
  if (written === undefined) {
    const missing: SchemaProblem[] = [
      { code: 'MS0130', path: ['spec'], text: 'spec: Required value' },
    ];
    return table.requiresSpec === true
      ? refused(aggregate(missing), missing)
      : { valid: true, problems: [] };
  }
  for (const step of [schemaProblems, duplicateProblems] as const) {
    const problems = step(shape, written, ['spec']);
    if (problems.length > 0) return refused(aggregate(problems), problems);
  }
  const unknown = unknownFields(shape, written, ['spec']);
  if (unknown.length > 0) {
    const texts = unknown.map(({ text }) => text);
    return refused(`unknown fields ${listText(texts)}`, unknown);
  }
  const problems = ruleProblems(shape, written, ['spec']);
  return problems.length > 0
    ? refused(aggregate(problems), problems)
    : { valid: true, problems: [] };
}

/** Several texts in brackets, each once. @source k8s.io/apimachinery: pkg/util/errors/errors.go */
function aggregate(problems: readonly SchemaProblem[]): string {
  const texts = [...new Set(problems.map(({ text }) => text))];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}

/** The answers of webhook and schema to one document, as plain data. */
export interface DocumentValidation {
  readonly webhook: {
    readonly allowed: boolean;
    readonly error?: string;
    readonly warnings?: readonly string[];
  };
  readonly schema: { readonly valid: boolean; readonly error?: string };
}

/** Validates every document of a text that is not empty; one answer each. */
export function validateDocuments(text: string): readonly DocumentValidation[] {
  const { documents } = readYaml('documents.yaml', text, 'kubernetes');
  return documents
    .filter((document) => document.value !== null)
    .map((document) => {
      const [resource] = readResources(document, '', []);
      return resource === undefined ? NO_OBJECT : plainValidation(validateResource(resource));
    });
}

const NO_OBJECT: DocumentValidation = {
  webhook: { allowed: false, error: 'cannot decode configuration: no object' },
  schema: { valid: false, error: 'no object' },
};

function plainValidation({ schema, webhook }: Validation): DocumentValidation {
  const warnings = webhook.findings.warnings.map(({ message }) => message);
  return {
    webhook: {
      allowed: webhook.allowed,
      ...(webhook.error === undefined ? {} : { error: webhook.error }),
      ...(warnings.length === 0 ? {} : { warnings }),
    },
    schema: {
      valid: schema.valid,
      ...(schema.error === undefined ? {} : { error: schema.error }),
    },
  };
}
