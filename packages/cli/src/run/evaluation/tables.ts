import { type Scores, selectScores } from '@ltml/metrics';
import { type EvaluationReport, probabilitiesOf, type ScoreUse } from '@ltml/recipes/node';
import { percent } from '../../text-table.ts';

export const groupHead: readonly string[] = ['%', 'classes', 'mAP', 'OP', 'OR', 'OF1', 'CP', 'CR', 'CF1'];

/** Rows of the table: one for all classes, and one for each group. */
export function groupCells({ mAP, precisionRecall, perClass }: EvaluationReport): string[][] {
  return (['total', 'head', 'medium', 'tail'] as const).map((name) => {
    const own = precisionRecall?.[name];
    const classes = perClass.filter(({ group }) => name === 'total' || group === name).length;
    const values = [mAP[name], own?.overallPrecision, own?.overallRecall, own?.overallF1];
    const ofClasses = [own?.classPrecision, own?.classRecall, own?.classF1];
    if (classes === 0) return [name, '0', ...groupHead.slice(2).map(() => percent(null))];
    return [name, String(classes), ...[...values, ...ofClasses].map(percent)];
  });
}

/** The probability of a class in an image, or its score if the method gives no probabilities. */
export function probabilityText(use: ScoreUse, scores: Scores, row: number, c: number): string {
  const probability = probabilitiesOf(use, selectScores(scores, [row]))?.scores[c];
  return probability === undefined
    ? `score ${scores.scores[row * scores.columns + c].toFixed(3)}`
    : `${(100 * probability).toFixed(1)} %`;
}
