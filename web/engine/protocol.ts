import type { RunView, ViewPlace, ViewSpan } from '#report/run-view.ts';
import type { ViewComparison } from '#report/run-view-comparison.ts';
import type { ProjectNames } from './project-names.ts';
import type { RunValue } from './run-values.ts';

/** Everything that page and engine say to each other. Each request has an id; its answers carry it. */

/** A scenario with the files that it names, by path. */
export interface Project {
  readonly scenario: string;
  readonly files: Readonly<Record<string, string>>;
}

/** What the command line can say beside the files: `--set`, by name. */
export type Parameters = Readonly<Record<string, string>>;

/** What makes a run what it is. */
export interface ComparedRun {
  readonly project: Project;
  readonly parameters: Parameters;
  readonly seed: number;
}

export type EngineRequest =
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly project: Project;
      readonly parameters: Parameters;
      readonly seed?: number;
    }
  | { readonly kind: 'cancel'; readonly id: number }
  | {
      readonly kind: 'analyze';
      readonly id: number;
      readonly project: Project;
      readonly parameters: Parameters;
    }
  /** Both are over; what the engine does not know any more it runs again. */
  | {
      readonly kind: 'compare';
      readonly id: number;
      readonly a: ComparedRun;
      readonly b: ComparedRun;
    }
  /** Manifests without a scenario: one is made up, as `meshsim init` does. */
  | { readonly kind: 'guess'; readonly id: number; readonly project: Project };

export type EngineAnswer =
  | { readonly kind: 'view'; readonly id: number; readonly view: RunView; readonly pace: Pace }
  /** Waterfalls of the sampled requests, some time after the run. */
  | { readonly kind: 'spans'; readonly id: number; readonly spans: RequestSpans }
  | { readonly kind: 'invalid'; readonly id: number; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'findings';
      readonly id: number;
      readonly findings: readonly Finding[];
      /** What can be dragged. */
      readonly values: readonly RunValue[];
      readonly names: ProjectNames;
    }
  | { readonly kind: 'compared'; readonly id: number; readonly comparison: ViewComparison }
  | { readonly kind: 'guessed'; readonly id: number; readonly text: string }
  | { readonly kind: 'broken'; readonly id: number; readonly message: string };

/** How fast the run goes. */
export interface Pace {
  readonly tookMs: number;
  readonly eventCount: number;
}

/** By client and number, as `requestKey` writes it. */
export type RequestSpans = ReadonlyMap<string, readonly ViewSpan[]>;

export function requestKey(request: { readonly client: string; readonly number: number }): string {
  return `${request.number} ${request.client}`;
}

/** Something to underline in the editor. */
export interface Finding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly hint: string;
  readonly at: ViewPlace | undefined;
}
