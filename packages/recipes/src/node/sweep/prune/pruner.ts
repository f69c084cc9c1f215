import type { RunWatch } from '../../runs/runner.ts';
import type { Manifest, SweepRun } from '../manifest.ts';
import { forgetPruned, notePruned } from './pruned.ts';
import type { Pruning } from './pruning.ts';
import { judge, type Verdict } from './verdict.ts';

/** Stops a run of a sweep that falls behind. */
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

  /** A watch that judges the run at its evaluations, besides what another one does. */
  watching(watch: RunWatch): RunWatch {
    const signals = watch.signal ? [watch.signal, this.#end.signal] : [this.#end.signal];
    return { ...watch, signal: AbortSignal.any(signals), onEvaluation: () => this.#judge() };
  }

  #judge(): void {
    if (this.#verdict) return;
    this.#verdict = judge(this.#sweep, this.#pruning, this.#run);
    if (!this.#verdict) return;
    // Before the run stops: one that is killed meanwhile stays pruned.
    this.#noted = notePruned(this.#sweep, this.#run, this.#verdict);
    this.#noted.catch(() => {});
    this.#end.abort();
  }

  /** Why the run was stopped, when it has been; nothing if it was not by this. */
  async reason(): Promise<string | undefined> {
    if (!this.#verdict) return undefined;
    await this.#noted;
    const { epoch, value, bar } = this.#verdict;
    const epochs = epoch === 1 ? '1 epoch' : `${epoch} epochs`;
    return `${this.#pruning.metric} ${value.toFixed(4)} after ${epochs}, where ${bar.toFixed(4)} was needed`;
  }

  /** The run has finished: one in another process may be at its end before it is told to stop. */
  async forget(): Promise<void> {
    if (!this.#verdict) return;
    await this.#noted;
    await forgetPruned(this.#sweep, this.#run);
  }
}
