import { DataError, ShapeError } from '@ltml/tensor';
import type { PredictionCounts } from '../threshold/predictions.ts';

/**
 * Checks counts of predictions: whole numbers from 0, as many for each list as there are classes.
 *
 * @throws ShapeError, DataError
 */
export function checkCounts(where: string, { correct, predicted, present, known }: PredictionCounts): void {
  const classes = present?.length;
  for (const [name, values] of Object.entries({ correct, predicted, present, known })) {
    const argument = `counts.${name}`;
    if (values === undefined || values.length !== classes) {
      const received = values ? `[${values.length}]` : 'undefined';
      throw new ShapeError({ where, argument, expected: `[C] = [${classes}], as counts.present`, received });
    }
    const bad = values.findIndex((value) => !(Number.isSafeInteger(value) && value >= 0));
    if (bad < 0) continue;
    const received = `${values[bad]} of class ${bad}`;
    throw new DataError({ where, argument, expected: 'whole numbers from 0', received });
  }
}
