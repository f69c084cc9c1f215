import type { EvaluationReport } from '@ltml/recipes/node';
import { percent, textTable } from '../../text-table.ts';
import { groupCells, groupHead } from './tables.ts';

/** Largest numbers of classes, and of pairs of confused classes, that are printed. */
const [mostClasses, mostConfusions] = [50, 5];

/** The report of an evaluation as lines of text. */
export function formatReport(report: EvaluationReport): string[] {
  const { images, weights, perClass, calibration, decisions } = report;
  const by = decisions === 'default' ? 'no thresholds chosen (see `ltml tune`)' : decisions;
  return [
    [`${images} images`, `${weights} weights`, ...(by ? [`labels by ${by}`] : [])].join(', '),
    '',
    ...textTable(groupHead, groupCells(report)),
    '',
    ...(calibration ? [calibrationLine(calibration), ''] : []),
    ...(perClass.length <= mostClasses
      ? classLines(report)
      : [`${perClass.length} classes; --out writes them as a table`]),
    ...confusionLines(report),
  ];
}

function calibrationLine({ expected, maximum, temperature }: NonNullable<EvaluationReport['calibration']>): string {
  return `calibration error ${percent(expected)} %, largest gap ${percent(maximum)} %, temperature ${temperature.toFixed(3)}`;
}

function classLines({ perClass }: EvaluationReport): string[] {
  const rows = perClass.map(({ name, group, support, averagePrecision, precision, recall, f1, threshold }) => [
    ...[name, group, String(support)],
    ...[averagePrecision, precision, recall, f1].map(percent),
    threshold === null ? '–' : threshold.toFixed(3),
  ]);
  return textTable(['class', 'group', 'positives', 'AP', 'precision', 'recall', 'F1', 'threshold'], rows);
}

function confusionLines({ confusions, perClass }: EvaluationReport): string[] {
  if (confusions.length === 0) return [];
  const name = (c: number): string => perClass[c].name;
  const rows = confusions
    .slice(0, mostConfusions)
    .map(({ missed, predicted, images }) => [name(missed), name(predicted), String(images)]);
  return ['', ...textTable(['missed', 'predicted instead', 'images'], rows)];
}
