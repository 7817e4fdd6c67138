import type { UserStage } from './load.ts';

/** From a moment on a closed loop has so many users. */
export interface UserChange {
  readonly atNs: number;
  readonly count: number;
}

/**
 * When the users of a closed loop come and go: a ramp from 0 to 10 within 10 s has its first user after
 * one second and the tenth at the end, as k6's `ramping-vus`; behind the last stage there is none.
 */
export class UserCount {
  readonly #stages: readonly UserStage[];
  #stageIndex = 0;
  #stageStartNs: number;
  /** Of the stage: how many steps of one user it has made; −1 = it has not begun. */
  #step = -1;

  constructor(stages: readonly UserStage[], startNs: number) {
    this.#stages = stages;
    this.#stageStartNs = startNs;
  }

  /** The next change after the one told last; undefined when no other follows. */
  next(): UserChange | undefined {
    const stage = this.#stages[this.#stageIndex];
    if (stage === undefined) {
      if (this.#stageIndex++ > this.#stages.length || !Number.isFinite(this.#stageStartNs))
        return undefined;
      return { atNs: this.#stageStartNs, count: 0 };
    }
    this.#step++;
    const stepCount = Math.abs(stage.to - stage.from);
    if (this.#step > stepCount) {
      this.#stageStartNs += stage.durationNs;
      this.#stageIndex++;
      this.#step = -1;
      return this.next();
    }
    const offsetNs = this.#step === 0 ? 0 : (stage.durationNs * this.#step) / stepCount;
    const count = stage.from + Math.sign(stage.to - stage.from) * this.#step;
    return { atNs: this.#stageStartNs + Math.floor(offsetNs), count };
  }
}
