import type { RunView, ViewPlace } from '#report/run-view.ts';
import type { Knobs } from '../editor/knobs.ts';
import type { ProjectNames } from '../engine/project-names.ts';
import type { Finding, Pace, Parameters, Project, RequestSpans } from '../engine/protocol.ts';
import { Store } from './store.ts';

/** What is selected: everything that is drawn is filtered by it. */
export interface Selection {
  /** Ids of nodes; `to` may be a service or a workload. */
  readonly from?: string;
  readonly to?: string;
  readonly client?: string;
  readonly version?: string;
  readonly flags?: string;
  readonly code?: number;
  readonly endpoint?: string;
  /** [from, to) of the run. */
  readonly range?: readonly [fromNs: number, toNs: number];
}

export type RunStatus = 'idle' | 'running' | 'finished' | 'cancelled' | 'invalid' | 'broken';
export type DialogName = 'gallery' | 'share' | 'keys' | 'lanes';
export const GRAPH_KINDS = ['versioned', 'workload', 'app', 'service'] as const;
export type GraphKind = (typeof GRAPH_KINDS)[number];
export const EDGE_LABELS = ['rate', 'p50', 'p90', 'p99', 'share'] as const;
export type EdgeLabel = (typeof EDGE_LABELS)[number];
export const EVENT_KINDS = ['any event', 'ejection', 'first failure', 'push', 'step'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];
export const PHONE_TABS = ['graph', 'charts', 'requests', 'editor'] as const;
export type PhoneTab = (typeof PHONE_TABS)[number];

/** A run that is kept to compare with. */
export interface FormerRun {
  readonly view: RunView;
  readonly project: Project;
}

export interface PageState {
  /** Name of the bundled scenario it came from; '' for one's own. */
  readonly example: string;
  readonly project: Project;
  /** As the files were when they were opened. */
  readonly opened: Project;
  /** How many projects were opened: of the next nothing is known of what was done in the former. */
  readonly openings: number;
  /** Whether they are files of this computer, that can be written back. */
  readonly isLocal: boolean;
  readonly seed: number | undefined;
  /** As of `--set`, where a run of the command was opened. */
  readonly parameters: Parameters;
  readonly status: RunStatus;
  readonly message: string;
  readonly view: RunView | undefined;
  /** The project that `view` is a run of. */
  readonly ranProject: Project | undefined;
  readonly pace: Pace | undefined;
  readonly spans: RequestSpans;
  readonly former: FormerRun | undefined;
  readonly isComparing: boolean;
  readonly findings: readonly Finding[];
  /** Undefined until the files have been read once. */
  readonly knobs: Knobs | undefined;
  readonly names: ProjectNames | undefined;
  readonly cursorNs: number;
  readonly windowNs: number;
  readonly isPlaying: boolean;
  readonly speed: number;
  readonly eventKind: EventKind;
  readonly selection: Selection;
  readonly openRequest: string;
  readonly file: string;
  /** Where the caret is to go; a new object each time. */
  readonly goTo: ViewPlace | undefined;
  readonly dialog: DialogName | undefined;
  readonly phoneTab: PhoneTab;
  readonly maximised: '' | 'graph' | 'requests';
  readonly theme: '' | 'light' | 'dark';
  /** Sizes of panels in pixels, by custom property, where somebody has moved a splitter. */
  readonly panelSizes: Readonly<Record<string, number>>;
  readonly graphKind: GraphKind;
  readonly edgeLabels: readonly EdgeLabel[];
  readonly find: string;
  readonly lanes: readonly string[];
  readonly isEmbedded: boolean;
  readonly isEditorOpen: boolean;
  /** Said once to those who cannot see the page. */
  readonly announcement: string;
}

export const DEFAULT_LANES = ['split', 'codes', 'ejections', 'latency', 'pool', 'load'];

const EMPTY: Project = { scenario: 'scenario.yaml', files: { 'scenario.yaml': '' } };

export const page = new Store<PageState>({
  example: '',
  project: EMPTY,
  opened: EMPTY,
  openings: 0,
  isLocal: false,
  seed: undefined,
  parameters: {},
  status: 'idle',
  message: '',
  view: undefined,
  ranProject: undefined,
  pace: undefined,
  spans: new Map(),
  former: undefined,
  isComparing: false,
  findings: [],
  knobs: undefined,
  names: undefined,
  cursorNs: 0,
  windowNs: 10e9,
  isPlaying: false,
  speed: 10,
  eventKind: 'any event',
  selection: {},
  openRequest: '',
  file: 'scenario.yaml',
  goTo: undefined,
  dialog: undefined,
  phoneTab: 'graph',
  maximised: '',
  theme: '',
  panelSizes: {},
  graphKind: 'versioned',
  edgeLabels: ['rate', 'p99'],
  find: '',
  lanes: DEFAULT_LANES,
  isEmbedded: false,
  isEditorOpen: false,
  announcement: '',
});
