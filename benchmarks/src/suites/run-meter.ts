import type { PlannedRun } from './planned-run.ts';

/** What is known of the runs of a suite. */
interface Pace {
  /** Seconds of a run as the suite has them. */
  readonly guess: number;
  runs: number;
  finished: number;
  /** Of the finished runs. */
  seconds: number;
}

/** How far several suites are. The runs of a suite count by the seconds that its runs took so far, or as its file says. */
export class RunMeter {
  readonly #paces = new Map<string, Pace>();
  readonly #parts = new Map<PlannedRun, number>();

  /** @param runs that are to be done */
  constructor(runs: readonly PlannedRun[]) {
    for (const { group, suite } of runs) {
      const pace = this.#paces.get(group) ?? { guess: suite.seconds, runs: 0, finished: 0, seconds: 0 };
      pace.runs++;
      this.#paces.set(group, pace);
    }
  }

  /** A run is as far as `part`, in [0, 1]. @returns how far the whole is */
  at(run: PlannedRun, part: number): number {
    this.#parts.set(run, part);
    return this.done;
  }

  finish(run: PlannedRun, seconds: number): void {
    const pace = this.#take(run);
    pace.finished++;
    pace.seconds += seconds;
  }

  /** A run that is not counted any more. */
  drop(run: PlannedRun): void {
    this.#take(run).runs--;
  }

  /** How far the whole is, in [0, 1]. */
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

  /** Seconds that runs took for each second that was guessed; 1 before the first has finished. */
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
