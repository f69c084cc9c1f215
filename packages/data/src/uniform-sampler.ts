import {
  checkCount,
  checkNumber,
  checkOptionNames,
  OptionError,
  type RandomState,
  type RandomStream,
} from '@ltml/tensor';
import type { Sampler } from './labelled-inputs.ts';

/** Options of {@link UniformSampler}. */
export interface UniformSamplerOptions {
  /** N, the number of images; with 0 an epoch has no indices. */
  readonly length: number;
  /** The stream for shuffling. */
  readonly random: RandomStream;
  /** Fills every batch with images of one orientation; default a plain shuffle. */
  readonly groupByAspect?: AspectGroups;
}

/** The aspect ratios for batches of one orientation. */
export interface AspectGroups {
  /** [N] width divided by height, > 0. */
  readonly aspects: ArrayLike<number>;
  /** Number of images in a batch, from 1. */
  readonly batchSize: number;
}

/**
 * Every image once per epoch, in random order ("ERM").
 *
 * With `groupByAspect` an epoch consists of whole batches with one orientation each. Wide images (aspect above 1) form
 * one group, tall ones (below 1) the other; square images are divided by the parity of their index. A group is shuffled
 * and filled up to whole batches by repeating its first images; then the batches of both groups are shuffled. If a
 * group has fewer images than a batch, all images are grouped by the parity of their index. Filling makes an epoch
 * longer than N.
 *
 * @throws OptionError
 * Source: the group sampler in the released code of Wu et al. (ECCV 2020).
 */
export class UniformSampler implements Sampler {
  readonly epochLength: number;
  readonly #length: number;
  readonly #random: RandomStream;
  readonly #groups: readonly Int32Array[] | undefined;
  readonly #batchSize: number;

  constructor(options: UniformSamplerOptions) {
    checkOptionNames('UniformSampler', options, ['length', 'random', 'groupByAspect']);
    const { length, random, groupByAspect } = options;
    checkCount('UniformSampler', 'options.length', length, { min: 0 });
    this.#length = length;
    this.#random = random;
    this.#batchSize = groupByAspect?.batchSize ?? 1;
    this.#groups = groupByAspect && groupImages(length, groupByAspect);
    this.epochLength = this.#groups?.reduce((sum, { length }) => sum + this.#filled(length), 0) ?? length;
  }

  nextEpoch(): Int32Array {
    if (!this.#groups) return this.#random.permutation(this.#length);
    const batches: Int32Array[] = [];
    for (const group of this.#groups) {
      const images = this.#random.shuffle(group.slice());
      const filled = Int32Array.from({ length: this.#filled(images.length) }, (_, i) => images[i % images.length]);
      for (let start = 0; start < filled.length; start += this.#batchSize) {
        batches.push(filled.subarray(start, start + this.#batchSize));
      }
    }
    this.#random.shuffle(batches);
    const order = new Int32Array(this.epochLength);
    for (const [i, batch] of batches.entries()) order.set(batch, i * this.#batchSize);
    return order;
  }

  exportState(): RandomState {
    return this.#random.state;
  }

  importState(state: unknown): void {
    this.#random.state = state as RandomState;
  }

  #filled(length: number): number {
    return Math.ceil(length / this.#batchSize) * this.#batchSize;
  }
}

function groupImages(length: number, groups: AspectGroups): Int32Array[] {
  checkOptionNames('UniformSampler', groups, ['aspects', 'batchSize']);
  const { aspects, batchSize } = groups;
  checkCount('UniformSampler', 'options.groupByAspect.batchSize', batchSize);
  if (aspects.length !== length) {
    throw new OptionError({
      where: 'UniformSampler',
      argument: 'options.groupByAspect.aspects',
      expected: `${length} numbers, one per image`,
      received: `${aspects.length}`,
    });
  }
  for (let i = 0; i < length; i++) {
    checkNumber('UniformSampler', `options.groupByAspect.aspects[${i}]`, aspects[i], { above: 0 });
  }
  const images = Int32Array.from({ length }, (_, i) => i);
  const byParity = [0, 1].map((parity) => images.filter((i) => i % 2 === parity));
  const byAspect = [
    images.filter((i) => aspects[i] < 1 || (aspects[i] === 1 && i % 2 === 0)),
    images.filter((i) => aspects[i] > 1 || (aspects[i] === 1 && i % 2 === 1)),
  ];
  return byAspect.some((group) => group.length < batchSize) ? byParity : byAspect;
}
