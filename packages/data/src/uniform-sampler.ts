import {
  checkCount,
  checkNumber,
  checkOptionNames,
  OptionError,
  type RandomState,
  type RandomStream,
} from '@ltml/tensor';
import type { Sampler } from './labelled-inputs.ts';

export interface UniformSamplerOptions {
  /** N, the number of images; an epoch over none has no indices. */
  readonly length: number;
  readonly random: RandomStream;
  /** Fill every batch with images of one orientation; a plain shuffle if left out. */
  readonly groupByAspect?: AspectGroups;
}

/** Batches of images that are either all wide or all tall. */
export interface AspectGroups {
  /** [N] width divided by height. */
  readonly aspects: ArrayLike<number>;
  readonly batchSize: number;
}

/**
 * Every image once an epoch, in random order ("ERM").
 *
 * With `groupByAspect` an epoch is made of whole batches of one orientation each: wide images (aspect over 1), tall ones
 * (below 1), square ones by the parity of their index. A group is shuffled, filled up to whole batches with its first
 * images, and the batches of both groups are shuffled. If a group has fewer images than a batch, the parity of the index
 * decides for all images. An epoch is then longer than N by the filling.
 *
 * Source: the group sampler of the released code of Wu et al. (ECCV 2020).
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
      expected: `${length} numbers, one for each image`,
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
