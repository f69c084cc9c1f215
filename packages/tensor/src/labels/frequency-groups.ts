import { checkNumber, checkOptionNames } from '../check-options.ts';
import { OptionError } from '../errors.ts';

/** Class indices by training frequency; each list is ascending. */
export interface FrequencyGroups {
  readonly head: readonly number[];
  readonly medium: readonly number[];
  readonly tail: readonly number[];
}

/** Options of {@link frequencyGroups}. */
export interface FrequencyGroupsOptions {
  /** Smallest number of training images of a head class, ≥ 0; default 100. */
  readonly headFrom?: number;
  /** A class with fewer training images than this is a tail class, ≥ 0; default 20. */
  readonly tailBelow?: number;
}

/**
 * Divides the classes by their number n of training images: head n ≥ 100, medium 20 ≤ n < 100, tail n < 20. Estimated
 * counts are compared without rounding.
 *
 * @param classCounts [C] number of training images of each class
 * @throws OptionError if `headFrom` is below `tailBelow`, or on bad counts
 * Source: the published splits of COCO-MLT and VOC-MLT (authors' code of Wu et al., ECCV 2020). The paper's text sets
 * the borders one image higher: `{ headFrom: 101, tailBelow: 21 }`.
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
