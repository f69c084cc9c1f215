import { checkChoice, checkNumber, checkOptionNames } from './check-options.ts';
import { DataError, OptionError } from './errors.ts';

/**
 * Multi-label targets of a data set on the host, row-major.
 *
 * Label semantics are never guessed: whether a class is present and whether that is known are two arrays.
 */
export interface Labels {
  /** N, the number of images. */
  readonly rows: number;
  /** C, the number of classes. */
  readonly columns: number;
  /** [N, C] 1 present, 0 absent. Where `known` is 0 the entry means nothing. */
  readonly present: Uint8Array;
  /** [N, C] 1 annotated, 0 not; left out when everything is annotated. */
  readonly known?: Uint8Array;
}

/** What the losses and reports need to know of a training set; plain numbers, fit for JSON. */
export interface ClassStatistics {
  /** N, training images. */
  readonly trainCount: number;
  /**
   * [C] n_i, training images that contain class i; n_i/N is the prior of the class. Where labels are unknown this is an
   * estimate, and mostly no whole number.
   */
  readonly classCounts: readonly number[];
  /**
   * [C][C] images that are known to contain both classes, never an estimate; the diagonal are those that are known to
   * contain a class. It grows with C² and is counted when it is first asked for.
   */
  readonly cooccurrence: readonly (readonly number[])[];
  /** [C] for errors, which else name a class by its index. */
  readonly classNames?: readonly string[];
}

export interface ClassStatisticsOptions {
  /**
   * What unknown labels say of a class: `ignore`, the default, takes the share of positives among the images where the
   * class is known for its share among all; `negative` counts unknown as absent. The same where everything is known.
   */
  readonly unknown?: 'ignore' | 'negative';
  /** [C] names that errors should use. */
  readonly classNames?: readonly string[];
}

/**
 * Class frequencies and co-occurrence of a training set.
 *
 *     n_i = N·p_i/k_i   with p_i known positives in k_i images whose label of class i is known (`ignore`)
 *     n_i = p_i         (`negative`)
 *
 * With `ignore` the losses, frequency groups and offsets that are made of n_i are those of the whole data set, if what is
 * known is a fair sample. A class without a known label has n_i = 0.
 *
 * Cost: N·C; the co-occurrence, if it is asked for, the square of the labels of each image.
 *
 * @throws DataError on a label or a known entry other than 0 and 1, or a length other than rows × columns; OptionError
 */
export function classStatistics(labels: Labels, options: ClassStatisticsOptions = {}): ClassStatistics {
  const where = 'classStatistics';
  checkOptionNames(where, options, ['unknown', 'classNames']);
  const { unknown = 'ignore', classNames } = options;
  checkChoice(where, 'options.unknown', unknown, ['ignore', 'negative']);
  checkLabels(where, labels);
  const { rows, columns } = labels;
  if (classNames && classNames.length !== columns) {
    throw new OptionError({
      where,
      argument: 'options.classNames',
      expected: `the names of ${columns} classes`,
      received: `${classNames.length}`,
    });
  }
  const { positives, known } = countClasses(labels);
  const isEstimate = unknown === 'ignore';
  let pairs: number[][] | undefined;
  return {
    trainCount: rows,
    classCounts: positives.map((p, i) => (isEstimate && known[i] > 0 ? (p * rows) / known[i] : p)),
    get cooccurrence() {
      pairs ??= countPairs(labels);
      return pairs;
    },
    ...(classNames && { classNames }),
  };
}

/** Known positives and known labels of each class. */
function countClasses({ rows, columns, present, known }: Labels): { positives: number[]; known: number[] } {
  const positives = new Array<number>(columns).fill(0);
  const marks = new Array<number>(columns).fill(known ? 0 : rows);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) {
      const at = row * columns + c;
      if (known && known[at] === 0) continue;
      if (known) marks[c]++;
      positives[c] += present[at];
    }
  }
  return { positives, known: marks };
}

function countPairs({ rows, columns, present, known }: Labels): number[][] {
  const pairs = Array.from({ length: columns }, () => new Array<number>(columns).fill(0));
  for (let row = 0; row < rows; row++) {
    const positives: number[] = [];
    for (let c = 0; c < columns; c++) {
      const at = row * columns + c;
      if (present[at] === 1 && (known?.[at] ?? 1) === 1) positives.push(c);
    }
    for (const i of positives) for (const j of positives) pairs[i][j]++;
  }
  return pairs;
}

/** Class indices by training frequency, each list ascending. */
export interface FrequencyGroups {
  readonly head: readonly number[];
  readonly medium: readonly number[];
  readonly tail: readonly number[];
}

export interface FrequencyGroupsOptions {
  /** Images from which a class is head; default 100. */
  readonly headFrom?: number;
  /** Images below which a class is tail; default 20. */
  readonly tailBelow?: number;
}

/**
 * Head, medium and tail classes by their training images: head n ≥ 100, medium 20 ≤ n < 100, tail n < 20. Estimated counts
 * are compared as they are, unrounded.
 *
 * Source: the published splits of COCO-MLT and VOC-MLT (authors' code of Wu et al., ECCV 2020). The paper's text puts
 * the borders one image higher; `{ headFrom: 101, tailBelow: 21 }` gives that reading.
 */
export function frequencyGroups(classCounts: readonly number[], options: FrequencyGroupsOptions = {}): FrequencyGroups {
  checkOptionNames('frequencyGroups', options, ['headFrom', 'tailBelow']);
  const { headFrom = 100, tailBelow = 20 } = options;
  checkNumber('frequencyGroups', 'options.headFrom', headFrom, { min: 0 });
  checkNumber('frequencyGroups', 'options.tailBelow', tailBelow, { min: 0 });
  if (headFrom < tailBelow) {
    throw new OptionError({
      where: 'frequencyGroups',
      argument: 'options.headFrom',
      expected: `at least options.tailBelow = ${tailBelow}`,
      received: `${headFrom}`,
    });
  }
  for (const [i, n] of classCounts.entries()) checkNumber('frequencyGroups', `classCounts[${i}]`, n, { min: 0 });
  const indices = classCounts.map((_, i) => i);
  return {
    head: indices.filter((i) => classCounts[i] >= headFrom),
    medium: indices.filter((i) => classCounts[i] < headFrom && classCounts[i] >= tailBelow),
    tail: indices.filter((i) => classCounts[i] < tailBelow),
  };
}

/**
 * Checks that labels are complete and made of zeros and ones, in typed arrays or plain ones.
 *
 * @throws DataError naming the first bad entry by row and class; on booleans, too
 */
export function checkLabels(where: string, labels: Labels): void {
  const { rows, columns } = labels;
  for (const [argument, count] of Object.entries({ rows, columns })) {
    if (Number.isSafeInteger(count) && count >= 0) continue;
    throw new DataError({
      where,
      argument: `labels.${argument}`,
      expected: 'a whole number from 0',
      received: `${count}`,
    });
  }
  for (const argument of ['present', 'known'] as const) {
    const values = labels[argument];
    if (argument === 'known' && values === undefined) continue;
    if (values?.length !== rows * columns) {
      throw new DataError({
        where,
        argument: `labels.${argument}`,
        expected: `${rows} × ${columns} = ${rows * columns} entries long`,
        received: values ? `${values.length} entries` : `${values}`,
      });
    }
    checkBits(where, `labels.${argument}`, values, [rows, columns]);
  }
}

/**
 * Checks that values on the host are the numbers 0 and 1: labels, or what is known of them.
 *
 * @param shape of the values, row-major; the error names the place of the first bad one by it
 * @throws DataError on any other value: −1, fractions, NaN, booleans
 */
export function checkBits(where: string, argument: string, values: ArrayLike<number>, shape: readonly number[]): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === 0 || value === 1) continue;
    throw new DataError({
      where,
      argument,
      expected: '0 or 1 everywhere',
      received: `${value} at [${placeOf(i, shape)}]`,
      // −1 in bytes is 255.
      ...((value === -1 || value === 255) && { hint: 'Labels that are not known go into `known`, not in as −1.' }),
      ...(typeof value === 'boolean' && { hint: 'Give the numbers 1 and 0.' }),
    });
  }
}

/**
 * Checks that values are indices: of images, of classes.
 *
 * @param count how many there are to choose from; left out where that is not known
 * @throws DataError on what is no whole number from 0 to count − 1, naming its place
 */
export function checkIndices(
  where: string,
  argument: string,
  indices: ArrayLike<number>,
  count: number = Number.MAX_SAFE_INTEGER,
): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (Number.isSafeInteger(index) && index >= 0 && index < count) continue;
    throw new DataError({
      where,
      argument: `${argument}[${i}]`,
      expected: count === Number.MAX_SAFE_INTEGER ? 'a whole number from 0' : `an index below ${count}`,
      received: `${index}`,
    });
  }
}

/** The index along each axis of an entry of a row-major array. */
export function placeOf(flat: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  let rest = flat;
  for (const size of [...shape].reverse()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return place;
}
