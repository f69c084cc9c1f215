import { checkCount, checkOptionNames, DataError } from '@ltml/tensor';
import type { ScoreMatrix } from '../core/scores.ts';

/** Options of the calibration errors. */
export interface CalibrationOptions {
  /** M, the number of bins of equal width; default 15. */
  readonly bins?: number;
}

/** Checks the options. @returns M @throws OptionError */
export function checkBins(where: string, options: CalibrationOptions): number {
  checkOptionNames(where, options, ['bins']);
  const { bins = 15 } = options;
  checkCount(where, 'options.bins', bins);
  return bins;
}

/** Checks that every score is in [0, 1]. @throws DataError naming row and class */
export function checkProbabilities(where: string, { scores, columns }: ScoreMatrix): void {
  for (let at = 0; at < scores.length; at++) {
    if (scores[at] >= 0 && scores[at] <= 1) continue;
    throw new DataError({
      where,
      argument: 'scores',
      expected: 'probabilities',
      received: `${scores[at]} at row ${Math.floor(at / columns)}, class ${at % columns}`,
      hint: 'Turn logits into probabilities with `sigmoidProbabilities` or `softmaxProbabilities`.',
    });
  }
}
