import type { PlannedRun } from './planned-run.ts';

/**
 * The runs that are left, for several who work on them. Whoever is done with a run goes on with the same suite, whose
 * features it has; after that it takes the suite that has most to do for each who works on it. A run whose encoder is
 * another run waits for it.
 */
export class RunQueue {
  readonly #left: PlannedRun[];
  readonly #going = new Set<PlannedRun>();
  #onChange: (() => void)[] = [];

  constructor(runs: readonly PlannedRun[]) {
    this.#left = [...runs];
  }

  /** The next run; none if no run is left. @param before what the caller did before */
  async take(before?: PlannedRun): Promise<PlannedRun | undefined> {
    while (this.#left.length > 0) {
      const run = this.#next(before);
      if (run) {
        this.#left.splice(this.#left.indexOf(run), 1);
        this.#going.add(run);
        return run;
      }
      await new Promise<void>((resolve) => this.#onChange.push(resolve));
    }
    return undefined;
  }

  finish(run: PlannedRun): void {
    this.#going.delete(run);
    this.#wake();
  }

  /** Takes the runs off that need this one. @returns them */
  fail(run: PlannedRun): readonly PlannedRun[] {
    this.#going.delete(run);
    const lost = this.#left.filter(({ needs }) => needs === run.folder);
    for (const other of lost) this.#left.splice(this.#left.indexOf(other), 1);
    this.#wake();
    return lost;
  }

  #next(before: PlannedRun | undefined): PlannedRun | undefined {
    const waits = new Set([...this.#left, ...this.#going].map(({ folder }) => folder));
    const ready = this.#left.filter(({ needs }) => needs === undefined || !waits.has(needs));
    const own = ready.find(({ group }) => group === before?.group);
    if (own) return own;
    const shares = new Map(ready.map(({ group }) => [group, this.#share(group)]));
    const largest = Math.max(...shares.values());
    return ready.find(({ group }) => shares.get(group) === largest);
  }

  /** Seconds of a suite that are left for each who works on it, one more counted. */
  #share(group: string): number {
    const of = (runs: Iterable<PlannedRun>): PlannedRun[] => [...runs].filter((run) => run.group === group);
    const seconds = of(this.#left).reduce((sum, { suite }) => sum + suite.seconds, 0);
    return seconds / (1 + of(this.#going).length);
  }

  #wake(): void {
    const waiting = this.#onChange;
    this.#onChange = [];
    for (const go of waiting) go();
  }
}
