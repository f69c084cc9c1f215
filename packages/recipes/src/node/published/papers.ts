import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { nearestName } from '@ltml/tensor';
import { parseRows } from '../../published/parse-rows.ts';
import type { PublishedPaper, PublishedRow } from '../../published/published-row.ts';
import { UsageError } from '../../usage-error.ts';
import { readText } from '../read-text.ts';

/** Files with the rows of papers, in the order of reports. */
const files = [
  '@ltml/cprfl/recipes/published.yaml',
  '@ltml/sarb/recipes/published.yaml',
  '@ltml/mkt/recipes/published.yaml',
  '@ltml/classifier/recipes/published.yaml',
  '@ltml/dscl/recipes/published.yaml',
  '@ltml/mlc-nc/recipes/published.yaml',
  '@ltml/lift/recipes/published.yaml',
  '@ltml/coop/recipes/published/dualcoop.yaml',
  '@ltml/coop/recipes/published/positivecoop.yaml',
  '@ltml/coop/recipes/published/lmpt.yaml',
  '@ltml/ram/recipes/published.yaml',
  '@ltml/training-free/recipes/published/piaa.yaml',
  '@ltml/training-free/recipes/published/sparc.yaml',
  '@ltml/training-free/recipes/published/tagclip.yaml',
];

/** The rows of a paper, and their file. Recipes are beside it. */
export interface PaperFile {
  readonly paper: PublishedPaper;
  readonly path: string;
}

let read: readonly PaperFile[] | undefined;

/** The papers whose rows can be trained here. */
export function paperFiles(): readonly PaperFile[] {
  const require = createRequire(import.meta.url);
  read ??= files.map((file) => {
    const [, name, rest] = /^(@ltml\/[^/]+)\/(.+)$/.exec(file) as RegExpExecArray;
    const path = join(dirname(require.resolve(`${name}/package.json`)), rest);
    return { path, paper: parseRows(readText(path), path) };
  });
  return read;
}

/** All published rows. */
export function publishedRows(): readonly PublishedRow[] {
  return paperFiles().flatMap(({ paper }) => paper.rows);
}

/**
 * The row with this name, or all rows whose names begin with it and a slash: `sarb/voc07/sarb` names nine.
 *
 * @throws UsageError for an unknown name; the message has the nearest one
 */
export function rowsNamed(name: string): readonly PublishedRow[] {
  const rows = publishedRows();
  // An exact name wins over rows whose names continue it.
  const [own] = rows.filter((row) => row.name === name);
  if (own) return [own];
  const below = rows.filter((row) => row.name.startsWith(`${name}/`));
  if (below.length > 0) return below;
  const known = rows.flatMap((row) => [row.name, ...(row.group ? [row.group.name] : [])]);
  const near = nearestName(name, known);
  throw new UsageError(`unknown row "${name}"${near ? ` (${near}?)` : ''}; ltml reproduce --list prints all rows`);
}
