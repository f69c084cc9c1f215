import { canCompile, exportState, importState } from '@ltml/tensor';
import type { Stage, StepContext } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { type Contribution, disposeContribution } from './accumulate.ts';
import { ActiveStage } from './active-stage.ts';
import { checkBest, lostBest } from './best-weights.ts';
import { type CheckpointStore, joinTensors, memoryCheckpoints, tensorsUnder } from './checkpoint.ts';
import { checkState } from './checkpoint-state.ts';
import { engineDifference } from './engine-difference.ts';
import { evaluate } from './evaluate.ts';
import type { FitOptions, FitResult, TrainLoader } from './fit-options.ts';
import { LeakWatch } from './leak-watch.ts';
import { letEventsIn } from './let-events-in.ts';
import type { Cursor, Observer, RunPlan } from './observer.ts';
import { type PendingStep, settled } from './pending-step.ts';
import { StoppedByRank } from './ranks/gather-scores.ts';
import { Ranks } from './ranks/ranks.ts';
import { restoreState } from './restore-state.ts';
import { readScalars, type StepScalars } from './scalars.ts';
import { initialSelection, type SelectionState, select, shouldStop } from './selection.ts';
import { addToTotals, type EpochTotals, emptyTotals, epochMeans } from './totals.ts';

/** The state and control flow of one `fit`: progress, totals, reports and checkpoints. */
export class Run {
  readonly #options: FitOptions;
  readonly #store: CheckpointStore;
  readonly #leaks: LeakWatch = new LeakWatch();
  readonly #ranks: Ranks;
  #cursor: Cursor = { stage: 0, epoch: 0, stageStep: 0, step: 0 };
  #totals: EpochTotals = emptyTotals;
  #selection: SelectionState = initialSelection;
  #metrics: Readonly<Record<string, number>> | undefined;
  #active: ActiveStage | undefined;
  /** The step whose loss is still being read from the device. */
  #pending: PendingStep | undefined;
  readonly #context: StepContext;

  constructor(options: FitOptions) {
    this.#options = options;
    this.#ranks = new Ranks(options.communicator, options.signal);
    const ranks = this.#ranks;
    const cursor = (): Cursor => this.#cursor;
    const stage = (): Stage => options.learner.stages[cursor().stage];
    const stepsOf = (running: Stage): number => this.#stepsOf(running);
    this.#context = {
      get step() {
        return cursor().stageStep;
      },
      get totalSteps() {
        return stepsOf(stage());
      },
      get epoch() {
        return cursor().epoch;
      },
      get epochs() {
        return stage().epochs;
      },
      random: options.random,
      gather: (rows) => ranks.gather(rows),
    };
    this.#store = ranks.checkpoints(options.checkpoints?.store ?? memoryCheckpoints());
  }

  async run(): Promise<FitResult> {
    const { learner, random, checkpoints } = this.#options;
    await this.#resume();
    await this.#ranks.begin(learner, random, { ...this.#plan(), configHash: checkpoints?.configHash });
    await this.#tell('onStart', this.#plan());
    let outcome: FitResult['outcome'] = 'finished';
    for (const [index, stage] of learner.stages.entries()) {
      if (index < this.#cursor.stage) continue;
      if (index > this.#cursor.stage) this.#cursor = { ...this.#cursor, stage: index, epoch: 0, stageStep: 0 };
      // The stage of a checkpoint is active already.
      this.#active ??= this.#activate(stage);
      const active = this.#active;
      outcome = await this.#runStage(active);
      if (outcome === 'aborted') break;
      await active.adoptAverage();
      this.dispose();
    }
    if (outcome !== 'aborted') await this.#takeBest();
    const { best, bestStep } = this.#selection;
    return {
      outcome,
      steps: this.#cursor.step,
      ...(this.#metrics && { metrics: this.#metrics }),
      ...(best !== null && { best: { value: best, step: bestStep } }),
    };
  }

  dispose(): void {
    this.#active?.dispose();
    this.#active = undefined;
  }

  #loaderOf({ name }: Pick<Stage, 'name'>): TrainLoader {
    const { loader, stageLoaders = {} } = this.#options;
    return Object.hasOwn(stageLoaders, name) ? stageLoaders[name] : loader;
  }

  #stepsOf(stage: Stage): number {
    const { accumulate = 1, stageSteps = {} } = this.#options;
    if (Object.hasOwn(stageSteps, stage.name)) return stageSteps[stage.name];
    return stage.epochs * Math.ceil(this.#loaderOf(stage).batchesPerEpoch / accumulate);
  }

  get #inLastStage(): boolean {
    return this.#cursor.stage === this.#options.learner.stages.length - 1;
  }

  #plan(): RunPlan {
    const stages = this.#options.learner.stages.map((stage) => ({
      name: stage.name,
      epochs: stage.epochs,
      steps: this.#stepsOf(stage),
    }));
    return { stages, totalSteps: stages.reduce((sum, { steps }) => sum + steps, 0), from: this.#cursor };
  }

  #activate(stage: Stage): ActiveStage {
    const { learner, eager = false, precision = 'float32' } = this.#options;
    return new ActiveStage(learner, stage, {
      totalSteps: this.#stepsOf(stage),
      context: this.#context,
      eager,
      precision,
      ranks: this.#ranks,
      onRetrace: (reason) => void this.#tell('onNote', reason),
    });
  }

  async #runStage(active: ActiveStage): Promise<FitResult['outcome']> {
    const { selection } = this.#options;
    while (this.#cursor.epoch < active.stage.epochs) {
      if (this.#ranks.isStopped) return 'aborted';
      if (this.#inLastStage && selection && shouldStop(this.#selection, selection)) return 'stopped-early';
      const start = performance.now();
      const trained = this.#awaitsEvaluation(active) || (await this.#runEpoch(active));
      if (!trained || !(await this.#endEpoch(active, start))) return 'aborted';
    }
    return 'finished';
  }

  /**
   * Whether all batches of the epoch are done but its evaluation is not, because the signal stopped the run in between.
   */
  #awaitsEvaluation({ stage }: ActiveStage): boolean {
    return this.#totals.images > 0 && this.#loaderOf(stage).exportState().batch === 0;
  }

  /** Trains on the remaining batches of an epoch. @returns false if the signal stopped it before the end */
  async #runEpoch(active: ActiveStage): Promise<boolean> {
    const { learner, accumulate = 1, checkpoints } = this.#options;
    const loader = this.#loaderOf(active.stage);
    const ranks = this.#ranks;
    learner.train();
    if (loader.exportState().batch === 0) await ranks.startEpoch(active.stage, learner, this.#context);
    let sofar: Contribution | undefined;
    let indices: number[] = [];
    let batches = 0;
    const finishStep = async (scalars: StepScalars): Promise<void> => {
      ranks.agreeToStop();
      await this.#endStep(active, scalars, indices);
      sofar = undefined;
      indices = [];
      batches = 0;
    };
    const update = async (contribution: Contribution): Promise<void> => {
      // The update takes `sofar` over, so it must not be disposed of twice.
      sofar = undefined;
      await finishStep(active.update(contribution));
    };
    try {
      for await (const batch of loader.epoch(undefined, ranks.sharers(active.stage))) {
        indices = indices.concat(batch.indices);
        if (accumulate === 1) await finishStep(active.step(batch));
        else {
          sofar = active.contribute(batch, sofar);
          if (++batches < accumulate) continue;
          await update(sofar);
        }
        // Leaving the loop also ends the epoch of the loader.
        if (this.#cursor.stageStep === this.#stepsOf(active.stage)) break;
        // After its last batch, the loader already stands at the next epoch, while this one is not evaluated yet.
        if (loader.exportState().batch === 0) continue;
        const due = checkpoints?.everySteps !== undefined && this.#cursor.step % checkpoints.everySteps === 0;
        if (due || ranks.isStopped) await this.#save(active);
        if (ranks.isStopped) return false;
      }
      if (sofar) await update(sofar);
      await this.#settle();
    } finally {
      if (sofar) disposeContribution(sofar);
    }
    if (!ranks.isStopped) return true;
    await this.#save(active);
    return false;
  }

  async #endStep(active: ActiveStage, scalars: StepScalars, indices: readonly number[]): Promise<void> {
    const { learningRateFactor } = active.schedule(this.#cursor.stageStep);
    this.#cursor = { ...this.#cursor, stageStep: this.#cursor.stageStep + 1, step: this.#cursor.step + 1 };
    const { epoch, step } = this.#cursor;
    const about = { stage: active.stage.name, epoch, step, learningRateFactor, images: indices.length };
    const numbers = readScalars(scalars);
    // Errors are handled when the promise is awaited, a step later. Until then they should not count as unhandled.
    numbers.catch(() => {});
    await this.#settle();
    await letEventsIn();
    this.#pending = { about, indices, numbers };
    const { numTensors } = tf.memory();
    if (!this.#leaks.record(numTensors)) return;
    await this.#tell('onWarning', `memory leak: the number of tensors keeps rising, ${numTensors} at step ${step}`);
  }

  /** Waits for the loss of the last step, checks it, adds it to the totals, and reports it. */
  async #settle(): Promise<void> {
    if (!this.#pending) return;
    const pending = this.#pending;
    this.#pending = undefined;
    const report = await settled(pending);
    this.#totals = addToTotals(this.#totals, report, this.#active?.stage.lossReduction ?? 'mean');
    await this.#tell('onStep', report);
  }

  /** Evaluates, reports and saves an epoch. @returns false if the signal stopped the evaluation */
  async #endEpoch(active: ActiveStage, start: number): Promise<boolean> {
    const { epoch } = this.#cursor;
    let metrics: Readonly<Record<string, number>> | undefined;
    try {
      metrics = await this.#evaluate(active);
    } catch (error) {
      const { signal } = this.#options;
      const isOwn = signal?.aborted && error === signal.reason;
      if (!isOwn && !(error instanceof StoppedByRank)) throw error;
      await this.#save(active);
      return false;
    }
    this.#cursor = { ...this.#cursor, epoch: epoch + 1 };
    await this.#tell('onEpoch', {
      stage: active.stage.name,
      epoch,
      step: this.#cursor.step,
      ...epochMeans(this.#totals),
      ...(metrics && { metrics }),
      seconds: (performance.now() - start) / 1000,
    });
    this.#totals = emptyTotals;
    // Saved after the report: a run killed in between reports the epoch twice, but never not at all.
    await this.#save(active);
    return true;
  }

  /** Evaluates the current weights (the averaged ones if the stage averages) and saves the best. */
  async #evaluate(active: ActiveStage): Promise<Readonly<Record<string, number>> | undefined> {
    const { learner, validation, selection, signal } = this.#options;
    if (!validation || active.stage.evaluated === false) return undefined;
    const { dataset, batchSize = 64, every = 1 } = validation;
    const done = this.#cursor.epoch + 1;
    if (done % every !== 0 && done !== active.stage.epochs) return undefined;
    return active.withAverage(async () => {
      const { communicator } = this.#ranks;
      const options = { batchSize, ...(signal && { signal }), ...(communicator && { communicator }) };
      const metrics = validation.metrics(await evaluate(learner, dataset, options));
      this.#metrics = metrics;
      if (selection && this.#inLastStage) {
        const { step } = this.#cursor;
        this.#selection = select(this.#selection, metrics, step, selection);
        const { best, bestStep } = this.#selection;
        if (best !== null && bestStep === step)
          await this.#store.saveBest({ step, weights: await exportState(learner) });
      }
      return metrics;
    });
  }

  async #save(active: ActiveStage): Promise<void> {
    const { checkpoints, learner, random } = this.#options;
    if (!checkpoints) return;
    await this.#settle();
    const tensors = joinTensors({ model: await exportState(learner), ...(await active.exportState()) });
    const { configHash } = checkpoints;
    await this.#store.save({
      tensors,
      state: {
        version: 1,
        cursor: this.#cursor,
        random: random.state(),
        loaders: learner.stages.map((stage) => this.#loaderOf(stage).exportState()),
        selection: this.#selection,
        totals: this.#totals,
        ...(this.#metrics && { metrics: this.#metrics }),
        slots: [...tensorsUnder(tensors, 'optimizer').keys()],
        ...(configHash !== undefined && { configHash }),
        backend: tf.getBackend(),
        compiled: this.#compiled,
      },
    });
    await this.#tell('onCheckpoint', this.#cursor.step);
  }

  get #compiled(): boolean {
    return canCompile() && !this.#options.eager;
  }

  /**
   * Restores the newest checkpoint, if there is one and resuming is wanted. Everything is checked before anything is
   * used.
   */
  async #resume(): Promise<void> {
    const { checkpoints, learner, random, accumulate = 1 } = this.#options;
    const checkpoint = checkpoints?.resume ? await this.#store.load() : undefined;
    if (!checkpoint) return;
    const { state, tensors } = checkpoint;
    checkState(state, [...tensorsUnder(tensors, 'optimizer').keys()], {
      stages: learner.stages,
      stageSteps: learner.stages.map((stage) => this.#stepsOf(stage)),
      batches: learner.stages.map((stage) => this.#loaderOf(stage).batchesPerEpoch),
      accumulate,
      streams: Object.keys(random.state()),
      configHash: checkpoints?.configHash,
    });
    const difference = engineDifference(state, this.#compiled, checkpoints?.sameEngine);
    if (difference !== undefined) await this.#tell('onWarning', difference);
    await checkBest(state, this.#store);
    this.#active = this.#activate(learner.stages[state.cursor.stage]);
    this.#active.importState(tensors);
    const loaders = learner.stages.map((stage) => this.#loaderOf(stage));
    restoreState(state, { random, loaders }, () => importState(learner, tensorsUnder(tensors, 'model')));
    this.#cursor = state.cursor;
    this.#selection = state.selection;
    this.#totals = state.totals;
    this.#metrics = state.metrics;
  }

  async #takeBest(): Promise<void> {
    if (this.#selection.best === null) return;
    const saved = await this.#store.loadBest();
    if (saved?.step !== this.#selection.bestStep) throw lostBest(this.#selection, saved);
    importState(this.#options.learner, saved.weights);
  }

  /** Calls every observer, one after the other. */
  async #tell<Event extends keyof Observer>(
    event: Event,
    value: Parameters<NonNullable<Observer[Event]>>[0],
  ): Promise<void> {
    for (const observer of this.#options.observers ?? []) await observer[event]?.(value as never);
  }
}
