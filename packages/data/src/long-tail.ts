import { checkCount, checkFlag, checkNumber, checkOptionNames, DataError, OptionError } from '@ltml/tensor';
import { type Labels, labelRows, type SparseLabels } from '@ltml/tensor/labels';
import type { ShuffleSource } from './class-aware-sampler.ts';
import { indexByClass } from './index-by-class.ts';
import { AscendingSet, type IndexSet } from './index-set.ts';

/** Options of {@link paretoReference}. */
export interface ParetoOptions {
  /** Number of images of the largest class; the published subsets use 1200 (COCO) and 800 (VOC). */
  readonly max: number;
  /** The size that the smallest class approaches; default 1. */
  readonly min?: number;
  /** b, the power of the distribution; default 6. */
  readonly power?: number;
  /** Share of the distribution that the classes cover, in (0, 1); default 0.99. */
  readonly covered?: number;
}

/**
 * Class sizes from a Pareto density, largest first: ⌊(max − min)·x^−(b+1) + min⌋ at C evenly spaced points x from 1 to
 * (1 − covered)^(−1/b), both inclusive.
 *
 * @returns [C] number of images of each class
 * @throws OptionError
 * Source: Wu et al. (ECCV 2020) §4.1 and their released code.
 */
export function paretoReference(classes: number, options: ParetoOptions): Int32Array {
  checkOptionNames('paretoReference', options, ['max', 'min', 'power', 'covered']);
  const { max, min = 1, power = 6, covered = 0.99 } = options;
  const where = 'paretoReference';
  checkCount(where, 'classes', classes, { min: 0 });
  checkNumber(where, 'options.min', min, { min: 0 });
  checkNumber(where, 'options.max', max, { min, max: 2 ** 31 - 1 });
  checkNumber(where, 'options.power', power, { above: 0 });
  checkNumber(where, 'options.covered', covered, { above: 0, below: 1 });
  const last = (1 - covered) ** (-1 / power);
  const step = classes > 1 ? (last - 1) / (classes - 1) : 0;
  return Int32Array.from({ length: classes }, (_, i) => {
    return Math.floor((max - min) * (1 + i * step) ** -(power + 1) + min);
  });
}

/** Options of {@link createLongTailed}. */
export interface LongTailOptions {
  /** [C] wanted class sizes, the first for the class that occurs most; see {@link paretoReference}. */
  readonly reference: ArrayLike<number>;
  /** The random source for the draws. */
  readonly random: Pick<ShuffleSource, 'shuffle'>;
  /**
   * Takes all available images if a class has too few, as for COCO-MLT (default); otherwise refuses, as for VOC-MLT.
   */
  readonly clampToAvailable?: boolean;
}

/**
 * Draws a long-tailed subset from a multi-label pool.
 *
 * Classes are processed in descending order of Σᵢ P(j | i), which measures how often a class occurs together with
 * others. For each class, images are added until it has its wanted size, or removed if earlier classes have brought too
 * many. Both change the counts of all labels of the image, so the final counts follow the reference only roughly.
 *
 * Cost: linear in the labels and the draws, plus the square of the number of labels of each image.
 *
 * @returns the indices of the chosen images, ascending
 * @throws DataError if a class has too few images and `clampToAvailable` is false; OptionError
 * Source: Wu et al. (ECCV 2020) §4.1 and their released code; for the published VOC-MLT see `reconstructVocMlt`.
 */
export function createLongTailed(pool: Labels | SparseLabels, options: LongTailOptions): Int32Array {
  checkOptionNames('createLongTailed', options, ['reference', 'random', 'clampToAvailable']);
  const { reference, random, clampToAvailable = true } = options;
  checkFlag('createLongTailed', 'options.clampToAvailable', clampToAvailable);
  return selectLongTailed(pool, reference, {
    createSet: () => new AscendingSet(),
    draw: (population, count) => {
      random.shuffle(population);
      return population.subarray(0, count);
    },
    clampToAvailable,
  });
}

/** The parts of {@link selectLongTailed} that decide its draws. */
export interface Selection<S extends IndexSet> {
  createSet(): S;
  /** Draws without replacement; it may change the population. */
  draw(population: Int32Array, count: number): Int32Array;
  readonly clampToAvailable: boolean;
}

/** The construction itself, for any order of sets and any draws. The result is in the order of its set. */
export function selectLongTailed<S extends IndexSet>(
  given: Labels | SparseLabels,
  reference: ArrayLike<number>,
  { createSet, draw, clampToAvailable }: Selection<S>,
): Int32Array {
  const pool = labelRows('createLongTailed', given);
  if (reference.length !== pool.columns) {
    throw new OptionError({
      where: 'createLongTailed',
      argument: 'options.reference',
      expected: `${pool.columns} sizes, one per class`,
      received: `${reference.length}`,
    });
  }
  for (let rank = 0; rank < reference.length; rank++) {
    checkCount('createLongTailed', `options.reference[${rank}]`, reference[rank], { min: 0 });
  }
  const images = indexByClass(pool);
  const available = images.map((list) => {
    const set = createSet();
    for (const image of list) set.add(image);
    return set;
  });
  const chosen = images.map(createSet);
  const subset = createSet();
  for (const [rank, c] of byCompany(pool, images).entries()) {
    const need = reference[rank] - chosen[c].size;
    // A class that has its size draws nothing: drawing zero images would still shuffle, and change all later draws.
    if (need === 0) continue;
    const population = need > 0 ? available[c].without(chosen[c]) : chosen[c].list();
    if (need > population.length && !clampToAvailable) throw tooFew(c, reference[rank], population.length);
    for (const image of draw(population, Math.min(Math.abs(need), population.length))) {
      for (const set of [...Array.from(pool.row(image).present, (j) => chosen[j]), subset]) {
        if (need > 0) set.add(image);
        else set.delete(image);
      }
    }
  }
  return subset.list();
}

/** Class indices in descending order of Σᵢ P(j | i), including i = j; of equal ones the lower index first. */
function byCompany(pool: SparseLabels, images: readonly Int32Array[]): number[] {
  const company = new Float64Array(pool.columns);
  const together = new Int32Array(pool.columns);
  // Summed class by class, as over a matrix: another order would round differently and separate equal classes.
  for (const list of images) {
    for (const image of list) for (const j of pool.row(image).present) together[j]++;
    for (const image of list) {
      for (const j of pool.row(image).present) {
        company[j] += together[j] / list.length;
        together[j] = 0;
      }
    }
  }
  return Array.from(company.keys()).sort((a, b) => company[b] - company[a] || a - b);
}

function tooFew(c: number, wanted: number, available: number): DataError {
  return new DataError({
    where: 'createLongTailed',
    argument: 'pool',
    expected: `large enough to give class ${c} its ${wanted} images`,
    received: `${available} to add`,
    hint: '`clampToAvailable: true` uses all available images instead.',
  });
}
