import { checkChoice, checkOptionNames } from '../check-options.ts';
import { OptionError } from '../errors.ts';
import { checkLabels, type Labels } from './labels.ts';

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
