import { join, resolve as resolvePath } from 'node:path';
import type { Scores } from '@ltml/metrics';
import {
  alignClasses,
  type EvaluationReport,
  evaluate,
  evaluationReport,
  type ImageSet,
  loadModel,
  type Model,
  predictedClasses,
  type ReportedModel,
  readDataPart,
  splitImages,
  worstErrors,
} from '@ltml/recipes/node';
import { writeFileAtomically } from '@ltml/tensor/node';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { checkFolder, makeFolder } from '../paths.ts';
import { ProgressLine } from '../progress-line.ts';
import { printJson, printLines } from '../terminal.ts';
import { errorPictures } from './evaluation/error-pictures.ts';
import { writeTables } from './evaluation/files.ts';
import { evaluationPage } from './evaluation/page.ts';
import { formatReport } from './evaluation/text.ts';
import { featuresFrom } from './features-from.ts';

/** Options of `ltml eval`. */
export interface EvalOptions {
  /** Use the best weights so far of an unfinished run. */
  readonly best?: boolean;
  /** Recipe whose test images are scored, instead of those of the run's own data set. */
  readonly data?: string;
  /** Folder for the tables and the page. */
  readonly out?: string;
  /** Pictures on the page per class and kind of error; default 5, 0 for none. */
  readonly pictures?: number;
  /** Folder of stored features. */
  readonly features?: string;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

/** Largest number of classes whose errors the page shows as pictures: those with the lowest AP. */
const mostClasses = 100;

/** Prints the report of a model on the test images of its data set, or of another one. */
export async function evaluateRun(run: string, options: EvalOptions): Promise<void> {
  if (options.out !== undefined) checkFolder('--out', options.out);
  const data = options.data === undefined ? undefined : readDataPart(options.data);
  await startEngine(options.backend);
  const line = new ProgressLine();
  const onWarning = (message: string): void => line.print(`warning: ${message}`);
  const model = await loadModel(run, { best: options.best ?? false, onWarning });
  try {
    const given = await splitImages(data ?? model.data, model.recipe.seed, 'test');
    const images = data ? alignClasses(given, model.classes) : given;
    const scores = await evaluate(model, { images, ...featuresFrom(options.features, line) });
    const report = evaluationReport(withClasses(model, images.classes), scores);
    const page = options.out && (await writeReport(options.out, { model, images, scores, report }, options, line));
    line.clear();
    if (options.json) return printJson({ ...report, ...(page && { page }) }, 2);
    await printLines(...formatReport(report), ...(page ? ['', `report: ${page}`] : []));
  } finally {
    model.dispose();
  }
}

/**
 * The model with the classes of the scores. Classes that training did not have count as tail, and then no thresholds
 * are used.
 */
function withClasses(model: Model, classes: readonly string[]): ReportedModel {
  if (classes.length === model.classes.length) return model;
  const classCounts = classes.map((_, c) => model.classCounts[c] ?? 0);
  const added = [...classes.keys()].slice(model.classes.length);
  const groups = { ...model.groups, tail: [...model.groups.tail, ...added] };
  return { ...model, classes, classCounts, groups, thresholds: null };
}

interface Evaluated {
  readonly model: Model;
  readonly images: ImageSet;
  readonly scores: Scores;
  readonly report: EvaluationReport;
}

/** Writes the tables and the page. @returns the path of the page */
async function writeReport(
  folder: string,
  { model, images, scores, report }: Evaluated,
  { pictures: count = 5 }: EvalOptions,
  line: ProgressLine,
): Promise<string> {
  makeFolder('--out', folder);
  await writeTables(folder, report);
  const worst = [...report.perClass]
    .sort((a, b) => (a.averagePrecision || 0) - (b.averagePrecision || 0) || a.index - b.index)
    .slice(0, mostClasses);
  const all = count > 0 ? worstErrors(scores, predictedClasses(withClasses(model, images.classes), scores), count) : [];
  const errors = worst.flatMap(({ index }) => all[index] ?? []).filter(hasErrors);
  const pictures = await errorPictures(errors, images, model, (done) => line.show(done, 'drawing pictures'));
  const title = `Evaluation on ${images.name}`;
  const path = join(folder, 'index.html');
  await writeFileAtomically(path, [evaluationPage({ title, model, scores, report, errors, pictures })]);
  return resolvePath(path);
}

function hasErrors({
  falsePositives,
  misses,
}: {
  falsePositives: readonly number[];
  misses: readonly number[];
}): boolean {
  return falsePositives.length + misses.length > 0;
}
