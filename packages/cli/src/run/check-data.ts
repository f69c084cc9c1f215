import { stat } from 'node:fs/promises';
import { basename, extname, join, relative, resolve as resolvePath } from 'node:path';
import type { DataSet } from '@ltml/data';
import {
  type CheckedPicture,
  checkPictures,
  type Finding,
  labelFindings,
  type PictureFacts,
  pictureFindings,
  picturesOfDataSet,
} from '@ltml/data/node';
import { readDataSet } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { writeFileAtomically } from '@ltml/tensor/node';
import { makeFolder } from '../paths.ts';
import { ProgressLine, rateFrom } from '../progress-line.ts';
import { printJson, printLines } from '../terminal.ts';
import { checkPage } from './check-page.ts';
import { checkSet, isPublishedSet } from './check-set.ts';
import { dataTable } from './data-table.ts';
import { picturesIn } from './pictures.ts';
import { untilStopped } from './stop-signals.ts';

/** Options of `ltml data check`. */
export interface CheckCommandOptions {
  readonly out?: string;
  readonly table?: string;
  readonly set: readonly string[];
  /** `set=dir`: also look for pictures of this published set. */
  readonly with?: string;
  readonly json?: boolean;
}

/** Endings of recipe files; other paths are folders of pictures. */
const recipeEndings = ['.yaml', '.yml', '.json'];

/**
 * Checks a folder of pictures, the data of a recipe, or the lists of a published set. Sets exit code 1 if it finds
 * errors.
 */
export async function check(what: string, directory: string | undefined, options: CheckCommandOptions): Promise<void> {
  if (isPublishedSet(what)) {
    if (directory === undefined) throw new UsageError(`data check ${what}: give the folder of the data set`);
    return checkSet(what, directory, options);
  }
  if (directory !== undefined) throw new UsageError(`data check: one folder or recipe, not "${directory}" as well`);
  await untilStopped('the results so far are kept, give the same command to continue', (signal) =>
    checkOwn(what, options, signal),
  );
}

async function checkOwn(
  what: string,
  { out, table, set, json }: CheckCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const isRecipe = recipeEndings.includes(extname(what).toLowerCase());
  const dataSet = isRecipe ? await readDataSet(what, set) : undefined;
  const pictures = dataSet ? picturesOfDataSet(dataSet) : await picturesOfFolder(what);
  if (pictures.length === 0) throw new UsageError(`${what}: its data set is embedded, there are no files to check`);
  if (table !== undefined && !dataSet) throw new UsageError('--table: needs labels; give a recipe instead of a folder');
  const name = dataSet?.name ?? basename(resolvePath(what));
  const folder = out ?? join('runs', `check-${name}`);
  makeFolder('--out', folder);
  const line = new ProgressLine();
  line.print(`${pictures.length} ${pictures.length === 1 ? 'picture' : 'pictures'}`);
  const rate = rateFrom();
  let facts: readonly PictureFacts[];
  try {
    facts = await checkPictures(
      pictures.map(({ path }) => path),
      {
        record: join(folder, 'pictures.jsonl'),
        onProgress: (done) =>
          line.show(done / pictures.length, `${done} of ${pictures.length} pictures, ${rate(done)} a second`),
        signal,
      },
    );
  } finally {
    line.clear();
  }
  const findings = [...pictureFindings(pictures, facts), ...(dataSet ? labelFindings(dataSet) : [])];
  const page = join(folder, 'index.html');
  await writeFileAtomically(page, [await checkPage(name, pictures, facts, findings)]);
  if (table !== undefined && dataSet) await writeWhole(table, dataSet, pictures, facts);
  const errors = findings.filter(({ level }) => level === 'error').length;
  if (json)
    await printJson(
      { name, pictures: pictures.length, complete: errors === 0, findings: asJson(findings, pictures), page },
      2,
    );
  else await printLines(...formatFindings(findings), `page: ${resolvePath(page)}`);
  if (errors > 0) process.exitCode = 1;
}

async function picturesOfFolder(path: string): Promise<readonly CheckedPicture[]> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats) throw new UsageError(`${path}: no such file or folder`);
  if (!stats.isDirectory()) throw new UsageError(`${path}: is a file; give a folder of pictures, or a recipe (.yaml)`);
  return picturesIn(path).map((file) => ({
    key: relative(path, file),
    file: relative(path, file),
    path: file,
    split: null,
    labels: null,
  }));
}

/** Writes a table of the readable pictures. */
async function writeWhole(
  file: string,
  dataSet: DataSet,
  pictures: readonly CheckedPicture[],
  facts: readonly PictureFacts[],
): Promise<void> {
  const broken = new Set(pictures.filter((_, i) => facts[i].broken !== null).map(({ file }) => file));
  await writeFileAtomically(file, [dataTable(dataSet, { leaveOut: (file) => broken.has(file) })]);
}

const marks = { error: 'ERROR  ', warning: 'warning', note: 'note   ' } as const;
/** How many details of a finding are printed; the page has more. */
const shown = { error: 20, warning: 20, note: 3 } as const;

function formatFindings(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return ['no problems found'];
  return findings.flatMap(({ level, text, details }) => [
    `${marks[level]}  ${text}`,
    ...details.slice(0, shown[level]).map((detail) => `         ${detail}`),
    ...(details.length > shown[level] ? [`         … and ${details.length - shown[level]} more`] : []),
  ]);
}

function asJson(findings: readonly Finding[], pictures: readonly CheckedPicture[]): readonly object[] {
  return findings.map(({ pictures: places, ...finding }) => ({
    ...finding,
    pictures: places.map((i) => pictures[i].key),
  }));
}
