import { checkCount, checkFlag, checkNumber, checkOptionNames, DataError, OptionError } from '@ltml/tensor';
import { checkIndices } from '@ltml/tensor/labels';
import type { Sampler } from './labelled-inputs.ts';

/** The random source of a sampler. `RandomStream` implements it. */
export interface ShuffleSource {
  /** Shuffles in place. */
  shuffle(items: Int32Array): unknown;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** The state of the source, as JSON; can be read and set. */
  state: unknown;
}

/** Options of {@link ClassAwareSampler}. */
export interface ClassAwareSamplerOptions {
  /** Image indices of each class, see `indexByClass`. */
  readonly indexByClass: readonly ArrayLike<number>[];
  /** The random source for the order of classes and images. */
  readonly random: ShuffleSource;
  /** Number of images drawn at each visit of a class; default 3 (released code; the paper draws one). */
  readonly numSamplesPerClass?: number;
  /** Divides the length of an epoch, > 0; default 4 (released code; 1 in the paper). */
  readonly reduce?: number;
  /** Number of indices in an epoch; default ⌊maxᵢ nᵢ · C / reduce⌋. */
  readonly epochLength?: number;
  /** Draws class and image independently with replacement, as the paper says; default false (released code: cycles). */
  readonly iid?: boolean;
}

/**
 * Class-aware re-sampling ("RS"): draws a class, then images of it, so that every class is drawn equally often.
 *
 * Classes come from a cycle, and so do the images of each class. A cycle is shuffled at its start and each time it
 * starts again, so it is a chain of permutations. A visit of a class gives `numSamplesPerClass` images at once. The end
 * of an epoch cuts the last visit; the images cut off count as drawn. An epoch has ⌊maxᵢ nᵢ · C / reduce⌋ indices
 * unless `epochLength` is given. It starts with a new visit, while the cycles continue from epoch to epoch.
 *
 * A class without images is left out of the cycle and does not count in C.
 *
 * Source: Wu et al. (ECCV 2020) §3.1 and their released code, which the defaults follow. The code always seeds its
 * generator with 0; here `random` decides.
 *
 * @throws DataError if no class has an image, or on an invalid image index; OptionError
 * @throws DataError if no class has an image, or on an image that is no index; OptionError
 */
export class ClassAwareSampler implements Sampler {
  readonly epochLength: number;
  readonly #random: ShuffleSource;
  readonly #samples: number;
  readonly #classes: IndexSource;
  readonly #images: readonly IndexSource[];

  constructor(options: ClassAwareSamplerOptions) {
    const known = ['indexByClass', 'random', 'numSamplesPerClass', 'reduce', 'epochLength', 'iid'];
    checkOptionNames('ClassAwareSampler', options, known);
    const { random, numSamplesPerClass: visit = 3, reduce = 4, iid = false } = options;
    checkCount('ClassAwareSampler', 'options.numSamplesPerClass', visit);
    checkNumber('ClassAwareSampler', 'options.reduce', reduce, { above: 0 });
    checkFlag('ClassAwareSampler', 'options.iid', iid);
    const { epochLength } = options;
    if (epochLength !== undefined) checkCount('ClassAwareSampler', 'options.epochLength', epochLength);
    for (const [c, images] of options.indexByClass.entries()) {
      checkIndices('ClassAwareSampler', `options.indexByClass[${c}]`, images);
    }
    const lists = options.indexByClass.filter(({ length }) => length > 0).map((list) => Int32Array.from(list));
    if (lists.length === 0) {
      throw new DataError({
        where: 'ClassAwareSampler',
        argument: 'options.indexByClass',
        expected: 'at least one class with an image',
        received: `${options.indexByClass.length} classes without any`,
      });
    }
    const Source = iid ? UniformIndices : CyclicIndices;
    this.#random = random;
    this.#samples = visit;
    this.#classes = new Source(Int32Array.from(lists.keys()), random);
    this.#images = lists.map((list) => new Source(list, random));
    const largest = lists.reduce((most, { length }) => Math.max(most, length), 0);
    this.epochLength = epochLength ?? Math.floor((largest * lists.length) / reduce);
    if (this.epochLength > longestEpoch) throw tooLong(this.epochLength);
  }

  nextEpoch(): Int32Array {
    const order = new Int32Array(this.epochLength);
    for (let at = 0; at < order.length; at += this.#samples) {
      const images = this.#images[this.#classes.next()];
      // Draws beyond the end of the epoch are written outside of the array and are lost, as intended.
      for (let i = 0; i < this.#samples; i++) order[at + i] = images.next();
    }
    return order;
  }

  exportState(): unknown {
    return { random: this.#random.state, cycles: [this.#classes, ...this.#images].map((cycle) => cycle.exportState()) };
  }

  importState(state: unknown): void {
    const { random, cycles } = state as { random: unknown; cycles: CycleState[] };
    if (cycles?.length !== this.#images.length + 1) {
      throw new DataError({
        where: 'ClassAwareSampler.importState',
        argument: 'state',
        expected: `of ${this.#images.length} classes`,
        received: `${cycles ? cycles.length - 1 : 'none'}`,
        hint: 'A state fits only the data set it was saved with.',
      });
    }
    this.#random.state = random;
    for (const [i, cycle] of [this.#classes, ...this.#images].entries()) cycle.importState(cycles[i]);
  }
}

/** The longest array that is surely possible. */
const longestEpoch = 2 ** 31 - 1;

function tooLong(length: number): OptionError {
  return new OptionError({
    where: 'ClassAwareSampler',
    argument: 'options.reduce',
    expected: `large enough for an epoch of at most ${longestEpoch} indices`,
    received: `an epoch of ${length}`,
  });
}

/** An endless sequence of indices. */
interface IndexSource {
  next(): number;
  exportState(): CycleState;
  importState(state: CycleState): void;
}

/** The order of a cycle and the position in it; null if draws do not depend on earlier ones. */
type CycleState = { readonly order: readonly number[]; readonly next: number } | null;

/** Endless permutations of a list, each shuffled from the one before. */
class CyclicIndices implements IndexSource {
  readonly #order: Int32Array;
  readonly #random: ShuffleSource;
  #next: number;

  constructor(list: Int32Array, random: ShuffleSource) {
    this.#order = list;
    this.#random = random;
    this.#next = list.length;
  }

  next(): number {
    if (this.#next === this.#order.length) {
      // Shuffled only when needed: all cycles share one generator, and the published sequences depend on the order of
      // calls.
      this.#random.shuffle(this.#order);
      this.#next = 0;
    }
    return this.#order[this.#next++];
  }

  exportState(): CycleState {
    return { order: Array.from(this.#order), next: this.#next };
  }

  importState(state: CycleState): void {
    const order: readonly number[] = Array.isArray(state?.order) ? state.order : [];
    const next = state?.next ?? -1;
    if (
      `${Int32Array.from(order).sort()}` !== `${this.#order.slice().sort()}` ||
      !Number.isInteger(next) ||
      next < 0 ||
      next > order.length
    ) {
      throw new DataError({
        where: 'ClassAwareSampler.importState',
        argument: 'state',
        expected: `a cycle of ${this.#order.length} images and a place in it`,
        received: `one of ${order.length} images, at place ${next}`,
        hint: 'A state fits only the data set and the options it was saved with.',
      });
    }
    this.#order.set(order);
    this.#next = next;
  }
}

/** Independent uniform draws from a list. */
class UniformIndices implements IndexSource {
  readonly #list: Int32Array;
  readonly #random: ShuffleSource;

  constructor(list: Int32Array, random: ShuffleSource) {
    this.#list = list;
    this.#random = random;
  }

  next(): number {
    return this.#list[this.#random.integer(this.#list.length)];
  }

  exportState(): CycleState {
    return null;
  }

  importState(_state: CycleState): void {}
}
