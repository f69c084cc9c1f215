import { DataError } from '@ltml/tensor';
import type { ScoreMatrix } from '../core/scores.ts';

/** Refuses infinite logits. @throws DataError naming row and class */
export function checkFinite(where: string, { scores, columns }: ScoreMatrix): void {
  for (let at = 0; at < scores.length; at++) {
    if (Number.isFinite(scores[at])) continue;
    throw new DataError({
      where,
      argument: 'logits',
      expected: 'finite',
      received: `${scores[at]} at row ${Math.floor(at / columns)}, class ${at % columns}`,
    });
  }
}
