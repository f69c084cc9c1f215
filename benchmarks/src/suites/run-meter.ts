import type { PlannedRun } from './planned-run.ts';

/** Times of the runs of a suite. */
interface Pace {
  /** Expected seconds per run, from the suite's file. */
  readonly guess: number;
  runs: number;
  finished: number;
  /** Seconds of the finished runs. */
  seconds: number;
}

/**
 * Progress over several suites. Each run counts with its expected time: the mean of the finished runs of its suite, or
 * the value in the suite's file before the first has finished.
 */
export class RunMeter {
  readonly #paces = new Map<string, Pace>();
  readonly #parts = new Map<PlannedRun, number>();

  /** @param runs the planned runs */
  constructor(runs: readonly PlannedRun[]) {
    for (const { group, suite } of runs) {
      const pace = this.#paces.get(group) ?? { guess: suite.seconds, runs: 0, finished: 0, seconds: 0 };
      pace.runs++;
      this.#paces.set(group, pace);
    }
  }

  /** Sets the progress of a run, in [0, 1]. @returns the progress of the whole */
  at(run: PlannedRun, part: number): number {
    this.#parts.set(run, part);
    return this.done;
  }

  finish(run: PlannedRun, seconds: number): void {
    const pace = this.#take(run);
    pace.finished++;
    pace.seconds += seconds;
  }

  /** Stops counting a run. */
  drop(run: PlannedRun): void {
    this.#take(run).runs--;
  }

  /** Progress of the whole, in [0, 1]. */
  get done(): number {
    const speed = this.#speed();
    let whole = 0;
    let done = 0;
    for (const [group, { guess, runs, finished, seconds }] of this.#paces) {
      const each = finished > 0 ? seconds / finished : guess * speed;
      const parts = [...this.#parts].filter(([run]) => run.group === group).reduce((sum, [, part]) => sum + part, 0);
      whole += each * runs;
      done += each * (finished + parts);
    }
    return whole > 0 ? Math.min(done / whole, 1) : 1;
  }

  /** Measured seconds per expected second over all finished runs. 1 before the first has finished. */
  #speed(): number {
    const paces = [...this.#paces.values()];
    const guessed = paces.reduce((sum, { guess, finished }) => sum + guess * finished, 0);
    return guessed > 0 ? paces.reduce((sum, { seconds }) => sum + seconds, 0) / guessed : 1;
  }

  #take(run: PlannedRun): Pace {
    this.#parts.delete(run);
    return this.#paces.get(run.group) as Pace;
  }
}
