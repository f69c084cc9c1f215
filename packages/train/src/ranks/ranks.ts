import { type Gradients, isModuleBuffer, type Module, type RandomStreams, throughHost } from '@ltml/tensor';
import type { Communicator, Stage, StepContext } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { CheckpointStore } from '../checkpoint.ts';
import { checkPlan } from './check-plan.ts';
import { gatherRows } from './gather-rows.ts';
import { local } from './local.ts';
import { shareState } from './share-state.ts';
import { sharedCheckpoints } from './shared-checkpoints.ts';
import { sumOverRanks } from './sum-over-ranks.ts';

/** What a run does together with the other ranks that train the same learner. With a single rank it does nothing. */
export class Ranks {
  readonly #communicator: Communicator;
  readonly #signal: AbortSignal | undefined;
  /** Number of images of the current batch, if the ranks share it. */
  #images: number | undefined;
  #isStopped = false;

  constructor(communicator: Communicator = local, signal?: AbortSignal) {
    this.#communicator = communicator;
    this.#signal = signal;
  }

  /** Whether there are several ranks. */
  get several(): boolean {
    return this.#communicator.size > 1;
  }

  /** Whether the run should stop. If the signal of one rank aborts, all ranks stop at the same step. */
  get isStopped(): boolean {
    return this.several ? this.#isStopped : this.#signal?.aborted === true;
  }

  /** The ranks that share the batches of a stage; undefined if each rank computes whole batches. */
  sharers({ shares = false }: Stage): Communicator | undefined {
    return this.several && shares ? this.#communicator : undefined;
  }

  /** The communicator for evaluation; undefined for a single rank. */
  get communicator(): Communicator | undefined {
    return this.several ? this.#communicator : undefined;
  }

  /** Computes the step of a batch. During it, {@link gather} gathers rows. */
  sharing<T>(stage: Stage, images: number, run: () => T): T {
    this.#images = this.sharers(stage) && images;
    try {
      return run();
    } finally {
      this.#images = undefined;
    }
  }

  /** See `StepContext.gather`. */
  gather<T extends tf.Tensor>(rows: T): T {
    return this.#images === undefined ? rows : gatherRows(this.#communicator, rows, this.#images);
  }

  /** The store of the run's checkpoints. With several ranks, rank 0 keeps them. */
  checkpoints(store: CheckpointStore): CheckpointStore {
    return this.several ? sharedCheckpoints(store, this.#communicator) : store;
  }

  /** Gives all ranks the same start. @throws OptionError if their plans differ */
  async begin(learner: Module, random: RandomStreams, plan: unknown): Promise<void> {
    if (!this.several) return;
    await checkPlan(this.#communicator, plan);
    await shareState(this.#communicator, learner, random);
  }

  /** Calls a stage's `onEpochStart` on rank 0 and copies the resulting state to the other ranks. */
  async startEpoch(stage: Stage, learner: Module, context: StepContext): Promise<void> {
    if (!stage.onEpochStart) return;
    if (this.#communicator.rank === 0) await stage.onEpochStart(context);
    if (this.several) await shareState(this.#communicator, learner, context.random);
  }

  /**
   * Averages gradients over the ranks, and buffers that are marked as means. Call it within a step.
   *
   * A compiled step is cut here, so that all variables stay in its session.
   */
  means(gradients: Gradients, learner: Module): Gradients {
    if (!this.several) return gradients;
    const buffers = [...learner.namedState()].flatMap(([, state]) =>
      isModuleBuffer(state) && state.acrossRanks === 'mean' ? [state.variable] : [],
    );
    const own = [...gradients.values(), ...buffers];
    if (own.length === 0) return gradients;
    // The engine divides several times faster than a loop here.
    const parts = own.map((values) => tf.div(values, this.#communicator.size));
    const means = throughHost(
      parts,
      own.map(({ shape }) => shape),
      (values) => {
        sumOverRanks(this.#communicator, values);
        return values;
      },
    );
    for (const [i, buffer] of buffers.entries()) buffer.assign(means[gradients.size + i]);
    return new Map([...gradients.keys()].map((parameter, i) => [parameter, means[i]]));
  }

  /** After a step: all ranks stop if one of them is told to. */
  agreeToStop(): void {
    if (!this.several) return;
    const flags = Float32Array.of(Number(this.#signal?.aborted === true));
    this.#communicator.allReduce(flags);
    this.#isStopped ||= flags[0] > 0;
  }
}
