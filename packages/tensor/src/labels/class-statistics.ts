import { checkChoice, checkOptionNames } from '../check-options.ts';
import { OptionError } from '../errors.ts';
import type { Labels } from './labels.ts';
import { labelRows, type SparseLabels } from './sparse-labels.ts';

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
  /** The first two classes that an image is known to contain both of; left out where no image has several. */
  readonly together?: readonly [number, number];
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
 * Cost: the labels, N·C of dense ones; the co-occurrence, if it is asked for, the square of the labels of each image.
 *
 * @throws DataError on a label or a known entry other than 0 and 1, or a length other than rows × columns; OptionError
 */
export function classStatistics(labels: Labels | SparseLabels, options: ClassStatisticsOptions = {}): ClassStatistics {
  const where = 'classStatistics';
  checkOptionNames(where, options, ['unknown', 'classNames']);
  const { unknown = 'ignore', classNames } = options;
  checkChoice(where, 'options.unknown', unknown, ['ignore', 'negative']);
  const sparse = labelRows(where, labels);
  const { rows, columns } = sparse;
  if (classNames && classNames.length !== columns) {
    throw new OptionError({
      where,
      argument: 'options.classNames',
      expected: `the names of ${columns} classes`,
      received: `${classNames.length}`,
    });
  }
  const { positives, known, together } = countClasses(sparse);
  const isEstimate = unknown === 'ignore';
  let pairs: number[][] | undefined;
  return {
    trainCount: rows,
    classCounts: positives.map((p, i) => (isEstimate && known[i] > 0 ? (p * rows) / known[i] : p)),
    get cooccurrence() {
      pairs ??= countPairs(sparse);
      return pairs;
    },
    ...(together && { together }),
    ...(classNames && { classNames }),
  };
}

interface ClassTotals extends Pick<ClassStatistics, 'together'> {
  /** [C] Known positives. */
  readonly positives: number[];
  /** [C] Known labels. */
  readonly known: number[];
}

function countClasses(labels: SparseLabels): ClassTotals {
  const positives = new Array<number>(labels.columns).fill(0);
  const listed = new Array<number>(labels.columns).fill(0);
  let whole = 0;
  let together: readonly [number, number] | undefined;
  for (let row = 0; row < labels.rows; row++) {
    const { present, absent } = labels.row(row);
    for (const c of present) positives[c]++;
    if (present.length > 1) together ??= [present[0], present[1]];
    if (absent === 'rest') whole++;
    else for (const list of [present, absent]) for (const c of list) listed[c]++;
  }
  return { positives, known: listed.map((count) => count + whole), ...(together && { together }) };
}

function countPairs(labels: SparseLabels): number[][] {
  const pairs = Array.from({ length: labels.columns }, () => new Array<number>(labels.columns).fill(0));
  for (let row = 0; row < labels.rows; row++) {
    const { present } = labels.row(row);
    for (const i of present) for (const j of present) pairs[i][j]++;
  }
  return pairs;
}
