import type { ComparedRun, EngineAnswer, EngineRequest, Parameters, Project } from './protocol.ts';

export type AnswerListener = (answer: EngineAnswer) => void;

type WithoutId<R> = R extends { readonly id: number } ? Omit<R, 'id'> : never;

/** The page's side of the protocol. Answers to anything but the latest run are dropped. */
export class EngineClient {
  readonly #worker: Worker;
  #nextId = 0;
  #runId = -1;
  #analysisId = -1;
  #comparisonId = -1;
  readonly #guesses = new Map<number, AnswerListener>();

  constructor(worker: Worker, listener: AnswerListener) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<EngineAnswer>) => {
      const guessed = this.#guesses.get(data.id);
      if (guessed !== undefined) {
        this.#guesses.delete(data.id);
        guessed(data);
        return;
      }
      if (data.id === this.#wantedId(data) || data.kind === 'broken') listener(data);
    };
    worker.onerror = (event) =>
      listener({
        kind: 'broken',
        id: this.#runId,
        message: event.message || 'the engine did not start',
      });
  }

  run(project: Project, parameters: Parameters, seed: number | undefined): void {
    const given = seed === undefined ? {} : { seed };
    this.#runId = this.#send({ kind: 'run', project, parameters, ...given });
  }

  cancel(): void {
    const request: EngineRequest = { kind: 'cancel', id: this.#runId };
    this.#worker.postMessage(request);
    this.#runId = -1;
  }

  analyze(project: Project, parameters: Parameters): void {
    this.#analysisId = this.#send({ kind: 'analyze', project, parameters });
  }

  compare(a: ComparedRun, b: ComparedRun): void {
    this.#comparisonId = this.#send({ kind: 'compare', a, b });
  }

  /** The text of the project's scenario, made up from its manifests. */
  guess(project: Project): Promise<string> {
    return new Promise((resolve, reject) => {
      const id = this.#send({ kind: 'guess', project });
      this.#guesses.set(id, (answer) => {
        if (answer.kind === 'guessed') resolve(answer.text);
        else reject(new Error(answer.kind === 'broken' ? answer.message : answer.kind));
      });
    });
  }

  #wantedId({ kind }: EngineAnswer): number {
    if (kind === 'findings') return this.#analysisId;
    return kind === 'compared' ? this.#comparisonId : this.#runId;
  }

  #send(request: WithoutId<EngineRequest>): number {
    const id = this.#nextId++;
    this.#worker.postMessage({ ...request, id });
    return id;
  }
}
