import { join, resolve } from 'node:path';
import { type DuplicateGroup, type LabelIssue, labelIssues, nearDuplicates } from '@ltml/metrics';
import { loadModel, type Model, probabilitiesOf, scoresAndFeatures, splitImages } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { RandomStream } from '@ltml/tensor';
import { type SparseLabels, sparseOf } from '@ltml/tensor/labels';
import { writeFileAtomically } from '@ltml/tensor/node';
import { type Options, stringify } from 'csv-stringify/sync';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { checkFolder, makeFolder } from '../paths.ts';
import { ProgressLine } from '../progress-line.ts';
import { printJson, printLines } from '../terminal.ts';
import { textTable } from '../text-table.ts';
import { checkColumnNames } from './column-names.ts';
import { joinImages, type LabelledImages } from './errors/labelled-images.ts';
import { featuresFrom } from './features-from.ts';

/** Options of `ltml errors`. */
export interface ErrorsOptions {
  readonly split: 'validation' | 'test' | 'both';
  /** Number of issues to print. */
  readonly top: number;
  /** Folder for the tables. */
  readonly out?: string;
  /** Folder of stored features. */
  readonly features?: string;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

/** Finds likely label errors and near duplicates among images that the run was not trained on. */
export async function findErrors(run: string, options: ErrorsOptions): Promise<void> {
  if (options.out !== undefined) checkFolder('--out', options.out);
  await startEngine(options.backend);
  const line = new ProgressLine();
  const model = await loadModel(run, { onWarning: (message) => line.print(`warning: ${message}`) });
  try {
    if (options.out !== undefined) checkColumnNames(model.classes, ['path', 'split', 'labels']);
    const images = await look(model, options, line);
    const probabilities = probabilitiesOf(model, images.scores);
    if (!probabilities)
      throw new UsageError('the scores of this method only rank classes; they cannot find label errors');
    const issues = labelIssues(probabilities);
    const { features, columns } = images;
    const duplicates = nearDuplicates(features, { columns, random: new RandomStream(1) });
    if (options.out !== undefined) await writeTables(options.out, { model, images, issues, duplicates });
    if (options.json) return printJson(asJson(model, images, issues, duplicates), 2);
    await printLines(...formatErrors(model, images, issues, duplicates, options.top));
    if (options.out !== undefined) await printLines('', `tables: ${resolve(options.out)}`);
  } finally {
    line.clear();
    model.dispose();
  }
}

/** Scores the images of the chosen splits and joins them. */
async function look(model: Model, { split, features }: ErrorsOptions, line: ProgressLine): Promise<LabelledImages> {
  const names = split === 'both' ? (['validation', 'test'] as const) : [split];
  const parts = [];
  for (const name of names) {
    const images = await splitImages(model.data, model.recipe.seed, name);
    const from = featuresFrom(features, line, `looking at the ${name} images`);
    parts.push({ name, images, ...(await scoresAndFeatures(model, images, from)) });
  }
  line.clear();
  return joinImages(parts);
}

/** The findings, with the model and the images. */
interface Found {
  readonly model: Model;
  readonly images: LabelledImages;
  readonly issues: readonly LabelIssue[];
  readonly duplicates: readonly DuplicateGroup[];
}

async function writeTables(folder: string, { model, images, issues, duplicates }: Found): Promise<void> {
  makeFolder('--out', folder);
  const { classes } = model;
  const place = (row: number): string[] => [images.keys[row], images.splits[row]];
  const write = (name: string, rows: unknown[][], options: Options): Promise<void> =>
    writeFileAtomically(join(folder, name), [stringify(rows, options)]);
  const report = (name: string, rows: unknown[][]): Promise<void> => write(name, rows, { escape_formulas: true });
  await report('issues.csv', [
    ['path', 'split', 'class', 'label', 'likely', 'confidence in the label'],
    ...issues.map(({ row, class: c, label, selfConfidence }) => [
      ...[...place(row), classes[c], label, 1 - label, selfConfidence],
    ]),
  ]);
  await report('duplicates.csv', [
    ['group', 'similarity', 'path', 'split'],
    ...duplicates.flatMap(({ images: rows, similarity }, i) => rows.map((row) => [i + 1, similarity, ...place(row)])),
  ]);
  const doubted = new Set(issues.map(({ row, class: c }) => row * classes.length + c));
  const train = await splitImages(model.data, model.recipe.seed, 'train');
  const scored = sparseOf(images.scores);
  const rows = [
    ['path', 'split', ...classes],
    ...Array.from({ length: train.images.length }, (_, row) => [
      ...[train.images.key(row), 'train', ...labelCells(train.labels, row)],
    ]),
    ...images.keys.map((_, row) => [...place(row), ...labelCells(scored, row, doubted)]),
  ];
  await write('labels.csv', rows, { quoted_match: /\r/ });
}

/** Labels of an image as the table reader takes them: 1 present, 0 absent, ? unknown or a likely error. */
function labelCells(labels: SparseLabels, row: number, doubted?: ReadonlySet<number>): string[] {
  const { present, absent } = labels.row(row);
  const cells = new Array<string>(labels.columns).fill(absent === 'rest' ? '0' : '?');
  if (absent !== 'rest') for (const c of absent) cells[c] = '0';
  for (const c of present) cells[c] = '1';
  return cells.map((cell, c) => (doubted?.has(row * labels.columns + c) ? '?' : cell));
}

function asJson(
  { classes }: Model,
  images: LabelledImages,
  issues: readonly LabelIssue[],
  duplicates: readonly DuplicateGroup[],
): object {
  const place = (row: number): object => ({ path: images.keys[row], split: images.splits[row] });
  return {
    images: images.keys.length,
    issues: issues.map(({ row, class: c, ...issue }) => ({ ...place(row), class: classes[c], ...issue })),
    duplicates: duplicates.map(({ images: rows, similarity }) => ({ similarity, images: rows.map(place) })),
  };
}

/** Lines: issues per class, the likeliest issues, and the groups of duplicates. */
function formatErrors(
  { classes }: Model,
  images: LabelledImages,
  issues: readonly LabelIssue[],
  duplicates: readonly DuplicateGroup[],
  top: number,
): string[] {
  const counts = classes.map((name, c) => {
    const own = issues.filter((issue) => issue.class === c);
    const present = own.filter(({ label }) => label === 1).length;
    return { name, present, absent: own.length - present };
  });
  const byClass = counts
    .filter(({ present, absent }) => present + absent > 0)
    .sort((a, b) => b.present + b.absent - a.present - a.absent)
    .map(({ name, present, absent }) => [name, String(present), String(absent)]);
  const ranked = issues.slice(0, top).map(({ row, class: c, label, selfConfidence }) => {
    return [
      images.keys[row],
      images.splits[row],
      classes[c],
      label === 1 ? 'present' : 'absent',
      selfConfidence.toFixed(4),
    ];
  });
  const groups = duplicates.slice(0, top).map(({ images: rows, similarity }) => {
    return `  ${similarity.toFixed(3)}  ${rows.map((row) => images.keys[row]).join('  ')}`;
  });
  return [
    `${images.keys.length} images, ${issues.length} likely label errors, ${duplicates.length} groups of near duplicates`,
    ...(byClass.length > 0 ? ['', ...textTable(['class', 'wrongly present', 'wrongly absent'], byClass)] : []),
    ...(ranked.length > 0 ? ['', ...textTable(['image', 'split', 'class', 'label', 'confidence in it'], ranked)] : []),
    ...(groups.length > 0 ? ['', 'near duplicates, by their similarity:', ...groups] : []),
  ];
}
