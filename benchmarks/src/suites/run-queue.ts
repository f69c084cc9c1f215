import type { PlannedRun } from './planned-run.ts';

/**
 * A queue of runs for several workers. A worker that has finished a run goes on with the same suite, because it has its
 * features. If the suite has no runs left, it takes the suite with the most remaining work per worker. A run whose
 * encoder is the network of another run waits for that run.
 */
export class RunQueue {
  readonly #left: PlannedRun[];
  readonly #going = new Set<PlannedRun>();
  #onChange: (() => void)[] = [];

  constructor(runs: readonly PlannedRun[]) {
    this.#left = [...runs];
  }

  /** The next run, or undefined if none is left. @param before the caller's previous run */
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

  /** Removes the runs that need this one. @returns the removed runs */
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

  /** Remaining seconds of a suite per worker, if one more worker joins. */
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
