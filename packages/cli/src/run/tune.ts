import { join, resolve } from 'node:path';
import type { Scores } from '@ltml/metrics';
import {
  type CalibrationReport,
  calibrationReport,
  evaluate,
  evaluationReport,
  largestGap,
  loadModel,
  type Model,
  oneThreshold,
  splitImages,
  type ThresholdRule,
  type Tuning,
  thresholdOfPrecision,
  thresholdPerClass,
  tune,
  writeTuning,
} from '@ltml/recipes/node';
import { renderSvg } from '@ltml/report';
import { writeFileAtomically } from '@ltml/tensor/node';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { ProgressLine } from '../progress-line.ts';
import { reliabilityChart } from '../reliability-chart.ts';
import { printJson, printLines } from '../terminal.ts';
import { percent, textTable } from '../text-table.ts';
import { featuresFrom } from './features-from.ts';

/** Rule that chooses thresholds. */
export type RuleName = 'per-class' | 'one' | 'precision' | 'mcut';

/** Options of `ltml tune`. */
export interface TuneOptions {
  readonly thresholds: RuleName;
  /** Precision that each class should reach, in (0, 1]. */
  readonly precision?: number;
  /** File for the reliability diagram. */
  readonly plot?: string;
  /** Folder of stored features. */
  readonly features?: string;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

/** Chooses thresholds and a temperature on a run's validation images, and stores them in its model. */
export async function tuneRun(run: string, options: TuneOptions): Promise<void> {
  await startEngine(options.backend);
  const line = new ProgressLine();
  const model = await loadModel(run, { onWarning: (message) => line.print(`warning: ${message}`) });
  try {
    const images = await splitImages(model.data, model.recipe.seed, 'validation');
    const scores = await evaluate(model, { images, ...featuresFrom(options.features, line) });
    line.clear();
    const rules: Readonly<Record<RuleName, ThresholdRule>> = {
      'per-class': thresholdPerClass,
      one: oneThreshold,
      precision: thresholdOfPrecision(options.precision ?? 0.9),
      mcut: largestGap,
    };
    const tuning = tune(scores, model.learner.scores, rules[options.thresholds]);
    const path = await writeTuning(run, tuning);
    const plot = options.plot ?? join(run, 'reliability.svg');
    const calibration = await plotCalibration(scores, model, tuning, plot);
    const report = evaluationReport({ ...model, ...tuning }, scores);
    if (options.json) {
      const { perClass, precisionRecall } = report;
      return printJson(
        { model: resolve(path), images: scores.rows, ...tuning, ...calibration, precisionRecall, perClass },
        2,
      );
    }
    const compared = tuning.thresholds ? compareRules(scores, model, tuning, rules, options.thresholds) : [];
    await printLines(...compared, ...thresholdTable(report.perClass, tuning), ...describeCalibration(calibration));
    await printLines(`stored in ${resolve(path)}`);
  } finally {
    model.dispose();
  }
}

/** Calibration without and with the temperature; null if the scores give no probabilities. */
interface Calibrations {
  readonly before: CalibrationReport | null;
  readonly after: CalibrationReport | null;
  readonly plot?: string;
}

/** Draws the reliability diagram without and with the temperature, if the scores give probabilities. */
async function plotCalibration(scores: Scores, model: Model, tuning: Tuning, plot: string): Promise<Calibrations> {
  const of = (calibration: Tuning['calibration']): CalibrationReport | null =>
    calibrationReport({ ...model, calibration }, scores);
  const [before, after] = [of(null), of(tuning.calibration)];
  if (!before || !after) return { before, after };
  const svg = renderSvg(reliabilityChart({ before, after }), 'Reliability diagram').html;
  // A picture in its own file has no page around it: it needs its own colours.
  const alone = svg.replace('style="', 'style="color:#1b1f24;background:#fff;');
  await writeFileAtomically(plot, [alone]);
  return { before, after, plot: resolve(plot) };
}

/** The measures of each rule on the validation images. */
function compareRules(
  scores: Scores,
  model: Model,
  tuning: Tuning,
  rules: Readonly<Record<RuleName, ThresholdRule>>,
  chosen: RuleName,
): string[] {
  const kind = model.learner.scores;
  const rows = Object.entries(rules)
    .filter(([name]) => kind === 'sigmoid' || name === chosen)
    .map(([name, rule]) => [name, rule(scores)] as const);
  const all = [...(kind === 'sigmoid' ? [['probability 0.5', null] as const] : []), ...rows];
  const cells = all.map(([name, thresholds]) => {
    const report = evaluationReport({ ...model, ...tuning, thresholds }, scores).precisionRecall?.total;
    const values = [report?.overallPrecision, report?.overallRecall, report?.overallF1];
    const ofClasses = [report?.classPrecision, report?.classRecall, report?.classF1];
    return [name === chosen ? `${name} (chosen)` : name, ...[...values, ...ofClasses].map(percent)];
  });
  const title = `${scores.rows} validation images; each rule was chosen on these images, so new images give lower values`;
  return [title, '', ...textTable(['%', 'OP', 'OR', 'OF1', 'CP', 'CR', 'CF1'], cells), ''];
}

/** Thresholds by class, as scores and as probabilities. */
function thresholdTable(
  perClass: ReturnType<typeof evaluationReport>['perClass'],
  { thresholds, calibration }: Tuning,
): string[] {
  if (!thresholds || thresholds === 'mcut') return [];
  const probability = (score: number): string => percent(1 / (1 + Math.exp(-score / (calibration?.temperature ?? 1))));
  const rows = perClass.map(({ name, group, support, threshold, precision, recall, f1 }) => [
    ...[name, group, String(support), threshold?.toFixed(3) ?? '–', threshold === null ? '–' : probability(threshold)],
    ...[precision, recall, f1].map(percent),
  ]);
  const head = ['class', 'group', 'positives', 'threshold', 'probability %', 'precision %', 'recall %', 'F1 %'];
  return [...textTable(head, rows), ''];
}

function describeCalibration({ before, after, plot }: Calibrations): string[] {
  if (!before || !after) return ['no temperature: the scores of this method give no probabilities'];
  return [
    `temperature ${after.temperature.toFixed(3)}: expected calibration error ${percent(before.expected)} % before, ${percent(after.expected)} % after`,
    ...(plot ? [`reliability diagram: ${plot}`] : []),
  ];
}
