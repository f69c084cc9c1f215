import { stat } from 'node:fs/promises';
import {
  type CheckedFact,
  checkNusWide,
  checkNusWideClasses,
  checkOpenImages,
  countNusWide,
  countOpenImages,
  nusWideConcepts,
  nusWideFiles,
  openImagesFiles,
  readNusWide,
  readOpenImages,
  readOpenImagesClasses,
  recallOverPrecision,
} from '@ltml/data';
import { directoryLines, missingFiles } from '@ltml/data/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { printJson, printLines } from '../terminal.ts';

export type CheckedSet = 'nus-wide' | 'open-images';

/** The published sets whose lists can be checked. */
export const publishedSets: readonly CheckedSet[] = ['nus-wide', 'open-images'];

/** What a check found. */
interface Findings {
  readonly missing: readonly string[];
  readonly facts: readonly CheckedFact[];
  /** Recall over precision that every evaluation on the test images has, by protocol and k. */
  readonly recallOverPrecision?: Readonly<Record<string, number>>;
}

const checks: { readonly [Set in CheckedSet]: (directory: string) => Promise<Findings> } = {
  'nus-wide': checkNus,
  'open-images': checkOpen,
};

/** Prints what a data set lacks; sets the exit code 1 if that is anything. */
export async function checkPublished(
  set: CheckedSet,
  directory: string,
  { json = false }: { readonly json?: boolean },
): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`data check: ${directory} is no folder`);
  const findings = await checks[set](directory);
  const complete = findings.missing.length === 0 && findings.facts.every(({ holds }) => holds);
  if (json) await printJson({ set, directory, complete, ...findings }, 2);
  else await printLines(...formatFindings(findings));
  if (!complete) process.exitCode = 1;
}

async function checkNus(directory: string): Promise<Findings> {
  const lines = directoryLines(directory);
  const lists = await missingFiles(directory, nusWideFiles([]));
  const concepts = lists.includes('Concepts81.txt') ? [] : await nusWideConcepts(lines);
  const missing = await missingFiles(directory, nusWideFiles(concepts));
  if (missing.length > 0) return { missing, facts: [] };
  const data = await readNusWide(lines);
  const counts = countNusWide(data);
  const ratio = (k: number, positives: number): number => recallOverPrecision(k, counts.testImages, positives);
  return {
    missing: await missingFiles(directory, [...data.train.files, ...data.test.files]),
    facts: [...checkNusWide(counts), ...checkNusWideClasses(data)],
    recallOverPrecision: {
      'ZSL@3': ratio(3, counts.unseenPositives),
      'ZSL@5': ratio(5, counts.unseenPositives),
      'GZSL@3': ratio(3, counts.allPositives),
      'GZSL@5': ratio(5, counts.allPositives),
    },
  };
}

async function checkOpen(directory: string): Promise<Findings> {
  const missing = await missingFiles(directory, openImagesFiles(['test']));
  if (missing.length > 0) return { missing, facts: [] };
  const lines = directoryLines(directory);
  const classes = await readOpenImagesClasses(lines);
  return { missing, facts: checkOpenImages(await countOpenImages(readOpenImages(lines, 'test', classes), classes)) };
}

function formatFindings({ missing, facts, recallOverPrecision = {} }: Findings): string[] {
  const width = facts.reduce((widest, { what }) => Math.max(widest, what.length), 0);
  const shown = missing.slice(0, 20).map((file) => `  ${file}`);
  const ratios = Object.entries(recallOverPrecision).map(([name, ratio]) => `${name} ${ratio.toPrecision(4)}`);
  return [
    ...facts.map(({ what, found, expected, holds }) => {
      return `${holds ? 'ok   ' : 'wrong'}  ${what.padEnd(width)}  ${formatFound(found)}${holds ? '' : `, expected ${expected}`}`;
    }),
    ...(ratios.length > 0 ? [`recall over precision of any evaluation: ${ratios.join(', ')}`] : []),
    missing.length > 0 ? `missing files: ${missing.length}` : 'no file is missing',
    ...shown,
    ...(missing.length > shown.length ? ['  …'] : []),
  ];
}

function formatFound(found: number | string): string {
  return typeof found === 'string' || Number.isInteger(found) ? `${found}` : found.toPrecision(5);
}
