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

export type RuleName = 'per-class' | 'one' | 'precision' | 'mcut';

export interface TuneOptions {
  readonly thresholds: RuleName;
  /** What each class should reach, in (0, 1]. */
  readonly precision?: number;
  /** File of the reliability diagram. */
  readonly plot?: string;
  /** Folder of features. */
  readonly features?: string;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

/** Chooses thresholds and a temperature on a run's validation images, and keeps them in its model. */
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
    await printLines(`kept in ${resolve(path)}`);
  } finally {
    model.dispose();
  }
}

interface Calibrations {
  readonly before: CalibrationReport | null;
  readonly after: CalibrationReport | null;
  readonly plot?: string;
}

/** Draws reliability before and after the temperature, where scores promise probabilities. */
async function plotCalibration(scores: Scores, model: Model, tuning: Tuning, plot: string): Promise<Calibrations> {
  const of = (calibration: Tuning['calibration']): CalibrationReport | null =>
    calibrationReport({ ...model, calibration }, scores);
  const [before, after] = [of(null), of(tuning.calibration)];
  if (!before || !after) return { before, after };
  const svg = renderSvg(reliabilityChart({ before, after }), 'Reliability diagram').html;
  // By itself a picture has no page whose colours it could take.
  const alone = svg.replace('style="', 'style="color:#1b1f24;background:#fff;');
  await writeFileAtomically(plot, [alone]);
  return { before, after, plot: resolve(plot) };
}

/** What each rule gives on the images that it chose by. */
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
  const all = [...(kind === 'sigmoid' ? [['as likely as not', null] as const] : []), ...rows];
  const cells = all.map(([name, thresholds]) => {
    const report = evaluationReport({ ...model, ...tuning, thresholds }, scores).precisionRecall?.total;
    const values = [report?.overallPrecision, report?.overallRecall, report?.overallF1];
    const ofClasses = [report?.classPrecision, report?.classRecall, report?.classF1];
    return [name === chosen ? `${name} (chosen)` : name, ...[...values, ...ofClasses].map(percent)];
  });
  const title = `${scores.rows} validation images; a rule is at its best on the images that it chose by`;
  return [title, '', ...textTable(['%', 'OP', 'OR', 'OF1', 'CP', 'CR', 'CF1'], cells), ''];
}

/** Thresholds by class, as scores and as the probabilities that they are. */
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
  if (!before || !after) return ['no temperature: the scores of this method promise no probability'];
  return [
    `temperature ${after.temperature.toFixed(3)}: expected calibration error ${percent(before.expected)} % before, ${percent(after.expected)} % after`,
    ...(plot ? [`reliability diagram: ${plot}`] : []),
  ];
}
