import { checkCount, checkOptionNames, DataError } from '@ltml/tensor';
import { checkIndices } from '@ltml/tensor/labels';
import type { ShuffleSource } from './class-aware-sampler.ts';
import type { Sampler } from './labelled-inputs.ts';

/** Options of {@link ClassBalancedSampler}. */
export interface ClassBalancedSamplerOptions {
  /** Image indices of each class, see `indexByClass`. */
  readonly indexByClass: readonly ArrayLike<number>[];
  /** The random source for classes and images. */
  readonly random: ShuffleSource;
  /** Number of draws in an epoch; default the number of images. */
  readonly epochLength?: number;
}

/**
 * Class-balanced sampling: draws a class uniformly, then an image of it uniformly, both with replacement. An image
 * whose only class is c is drawn with probability 1/(C·n_c). A class without images is never drawn and does not count
 * in C.
 *
 * Source: the second stage of Xuan and Zhang (DSCL, AAAI 2024).
 *
 * @throws DataError if no class has an image, or on an invalid image index; OptionError
 */
export class ClassBalancedSampler implements Sampler {
  readonly epochLength: number;
  readonly #lists: readonly ArrayLike<number>[];
  readonly #random: ShuffleSource;

  constructor(options: ClassBalancedSamplerOptions) {
    checkOptionNames('ClassBalancedSampler', options, ['indexByClass', 'random', 'epochLength']);
    for (const [c, images] of options.indexByClass.entries()) {
      checkIndices('ClassBalancedSampler', `options.indexByClass[${c}]`, images);
    }
    this.#random = options.random;
    this.#lists = options.indexByClass.filter(({ length }) => length > 0);
    if (this.#lists.length === 0) {
      throw new DataError({
        where: 'ClassBalancedSampler',
        argument: 'options.indexByClass',
        expected: 'at least one class with an image',
        received: `${options.indexByClass.length} classes without any`,
      });
    }
    this.epochLength = options.epochLength ?? imageCount(this.#lists);
    checkCount('ClassBalancedSampler', 'options.epochLength', this.epochLength);
  }

  nextEpoch(): Int32Array {
    return Int32Array.from({ length: this.epochLength }, () => {
      const images = this.#lists[this.#random.integer(this.#lists.length)];
      return images[this.#random.integer(images.length)];
    });
  }

  exportState(): unknown {
    return this.#random.state;
  }

  importState(state: unknown): void {
    this.#random.state = state;
  }
}

/** Number of different images in all lists. */
function imageCount(lists: readonly ArrayLike<number>[]): number {
  const images = new Set<number>();
  for (const list of lists) for (let i = 0; i < list.length; i++) images.add(list[i]);
  return images.size;
}
