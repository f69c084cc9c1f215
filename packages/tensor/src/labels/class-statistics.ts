import { checkChoice, checkOptionNames } from '../check-options.ts';
import { OptionError } from '../errors.ts';
import type { Labels } from './labels.ts';
import { labelRows, type SparseLabels } from './sparse-labels.ts';

/** What losses and reports need to know about a training set. Plain numbers, so it can be stored as JSON. */
export interface ClassStatistics {
  /** N, the number of training images. */
  readonly trainCount: number;
  /**
   * [C] n_i, the number of training images that contain class i; n_i/N is the class prior. If labels are unknown it is
   * an estimate and usually not a whole number.
   */
  readonly classCounts: readonly number[];
  /**
   * [C][C] the number of images that are known to contain both classes, never an estimate. The diagonal counts the
   * images that are known to contain a class. It grows with C² and is counted at the first access.
   */
  readonly cooccurrence: readonly (readonly number[])[];
  /** The first two classes that are known to occur in the same image; left out if no image has several classes. */
  readonly together?: readonly [number, number];
  /** [C] class names for errors; without them errors use the class index. */
  readonly classNames?: readonly string[];
}

/** Options of {@link classStatistics}. */
export interface ClassStatisticsOptions {
  /**
   * How unknown labels count. `ignore`, the default, estimates a class's share of positives from the images where the
   * class is known, and applies it to all images. `negative` counts unknown as absent. Without unknown labels both are
   * the same.
   */
  readonly unknown?: 'ignore' | 'negative';
  /** [C] class names for errors. */
  readonly classNames?: readonly string[];
}

/**
 * Class frequencies and co-occurrence of a training set.
 *
 *     n_i = N·p_i/k_i   with p_i known positives in k_i images whose label of class i is known (`ignore`)
 *     n_i = p_i         (`negative`)
 *
 * With `ignore`, the estimates of n_i are right for the whole data set if the known labels are a fair sample of it. A
 * class without a known label has n_i = 0.
 *
 * Cost: one pass over the labels, N·C for dense ones. The co-occurrence, if accessed, takes the square of the number of
 * labels of each image.
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
  /** [C] number of known positives. */
  readonly positives: number[];
  /** [C] number of known labels. */
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
