import { checkCount, checkFlag, checkNumber, checkOptionNames, DataError, OptionError } from '@ltml/tensor';
import { type Labels, labelRows, type SparseLabels } from '@ltml/tensor/labels';
import type { ShuffleSource } from './class-aware-sampler.ts';
import { indexByClass } from './index-by-class.ts';
import { AscendingSet, type IndexSet } from './index-set.ts';

export interface ParetoOptions {
  /** Images of the largest class; the published subsets take 1200 (COCO) and 800 (VOC). */
  readonly max: number;
  /** What the smallest class approaches; default 1. */
  readonly min?: number;
  /** b, the power of the distribution; default 6. */
  readonly power?: number;
  /** Share of the distribution that the classes cover, below 1; default 0.99. */
  readonly covered?: number;
}

/**
 * Class sizes under a Pareto density, largest first: ⌊(max − min)·x^−(b+1) + min⌋ at C points x spaced evenly from 1 to
 * (1 − covered)^(−1/b), both ends included.
 *
 * @returns [C] images
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

export interface LongTailOptions {
  /** [C] wanted class sizes, the first for the class that is met most; see {@link paretoReference}. */
  readonly reference: ArrayLike<number>;
  readonly random: Pick<ShuffleSource, 'shuffle'>;
  /** Take what there is where a class has too few images, as for COCO-MLT (default); otherwise refuse, as for VOC-MLT. */
  readonly clampToAvailable?: boolean;
}

/**
 * A long-tailed subset of a multi-label pool.
 *
 * Classes are taken in descending order of Σᵢ P(j | i), how much they are met together with any class. For each, images
 * of the class are added until it has its wanted size, or removed if earlier classes have brought too many. Either
 * changes the counts of all labels of the image, so the final counts only follow the reference.
 *
 * Cost: the labels, the square of those of each image, and the draws.
 *
 * @returns the chosen images, ascending
 * @throws DataError if a class has too few images and `clampToAvailable` is false
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

/** What decides the draws of {@link selectLongTailed}. */
export interface Selection<S extends IndexSet> {
  createSet(): S;
  /** Draws without replacement; may change the population. */
  draw(population: Int32Array, count: number): Int32Array;
  readonly clampToAvailable: boolean;
}

/** The construction itself, with the order of sets and the draws left open; the result is in the order of its set. */
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
      expected: `${pool.columns} sizes, one for each class`,
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
    // A class that has its size takes no draw: one that draws nothing would still shuffle, and move all later draws.
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

/** Classes in descending order of Σᵢ P(j | i), i = j included; of equal ones the lower index first. */
function byCompany(pool: SparseLabels, images: readonly Int32Array[]): number[] {
  const company = new Float64Array(pool.columns);
  const together = new Int32Array(pool.columns);
  // Class by class, as over a matrix: another order would round otherwise, and part classes that are equal.
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
    expected: `rich enough to bring class ${c} to ${wanted} images`,
    received: `${available} to add`,
    hint: '`clampToAvailable: true` takes what there is.',
  });
}
