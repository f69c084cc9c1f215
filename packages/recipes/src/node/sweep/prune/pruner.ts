import type { RunWatch } from '../../runs/runner.ts';
import type { Manifest, SweepRun } from '../manifest.ts';
import { forgetPruned, notePruned } from './pruned.ts';
import type { Pruning } from './pruning.ts';
import { judge, type Verdict } from './verdict.ts';

/** Stops a run of a sweep if it falls behind the others. */
export class Pruner {
  readonly #sweep: Manifest;
  readonly #pruning: Pruning;
  readonly #run: SweepRun;
  readonly #end = new AbortController();
  #verdict: Verdict | undefined;
  #noted: Promise<void> | undefined;

  constructor(sweep: Manifest, pruning: Pruning, run: SweepRun) {
    this.#sweep = sweep;
    this.#pruning = pruning;
    this.#run = run;
  }

  /** Adds the pruner to the callbacks of a run: it judges the run at each evaluation. */
  watching(watch: RunWatch): RunWatch {
    const signals = watch.signal ? [watch.signal, this.#end.signal] : [this.#end.signal];
    return { ...watch, signal: AbortSignal.any(signals), onEvaluation: () => this.#judge() };
  }

  #judge(): void {
    if (this.#verdict) return;
    this.#verdict = judge(this.#sweep, this.#pruning, this.#run);
    if (!this.#verdict) return;
    // Recorded before the run stops, so that a run that is killed in between stays pruned.
    this.#noted = notePruned(this.#sweep, this.#run, this.#verdict);
    this.#noted.catch(() => {});
    this.#end.abort();
  }

  /** Why the pruner stopped the run; undefined if it did not. */
  async reason(): Promise<string | undefined> {
    if (!this.#verdict) return undefined;
    await this.#noted;
    const { epoch, value, bar } = this.#verdict;
    const epochs = epoch === 1 ? '1 epoch' : `${epoch} epochs`;
    return `${this.#pruning.metric} ${value.toFixed(4)} after ${epochs}, but ${bar.toFixed(4)} was needed`;
  }

  /** Call when the run has finished. A run in another process may finish before the order to stop arrives. */
  async forget(): Promise<void> {
    if (!this.#verdict) return;
    await this.#noted;
    await forgetPruned(this.#sweep, this.#run);
  }
}
