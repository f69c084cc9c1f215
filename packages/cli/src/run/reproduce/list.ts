import { type PublishedRow, publishedRows, type Recipe, resolve, rowRecipe } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { ProgressLine } from '../../progress-line.ts';
import { printJson, printLines } from '../../terminal.ts';
import { textTable } from '../../text-table.ts';
import type { ListOptions } from './options.ts';

/** A row of the list. */
interface ListedRow {
  readonly name: string;
  readonly source: string;
  readonly data: string;
  readonly encoder: string;
  readonly weights: string;
  /** Figures in percent by measure; null if not known. */
  readonly published: Readonly<Record<string, number | null>>;
  readonly inexact: readonly string[];
  /** Hours for one seed on this machine; left out unless measured. */
  readonly hours?: number;
}

/** Prints the rows whose names begin with a text, or all rows. */
export async function listRows(
  beginning: string | undefined,
  { hours = false, json = false, backend }: ListOptions,
): Promise<void> {
  const all = publishedRows();
  const rows = beginning === undefined ? all : all.filter(({ name }) => `${name}/`.startsWith(`${beginning}/`));
  if (rows.length === 0) throw new UsageError(`reproduce --list: no row begins with "${beginning}"`);
  const recipes = new Map<PublishedRow, Recipe>();
  for (const row of rows) {
    const { value, locate } = rowRecipe(row);
    recipes.set(row, await resolve(value, locate));
  }
  const measured = hours ? await measureHours(recipes, backend) : undefined;
  const listed = rows.map((row): ListedRow => {
    const { data, encoder } = recipes.get(row) as Recipe;
    const ofRow = measured?.get(row);
    return {
      name: row.name,
      source: `${row.source}, ${row.paper.paper}`,
      data: data.name,
      encoder: encoder.name ?? '',
      weights: encoder.weights ?? '',
      published: Object.fromEntries(row.columns.map((column, i) => [column, row.figures[i]])),
      inexact: [...row.paper.inexact, ...row.inexact],
      ...(ofRow !== undefined && { hours: ofRow }),
    };
  });
  if (json) return printJson(listed, 2);
  const head = ['row', 'data', 'encoder', 'weights', 'published, %', ...(hours ? ['hours'] : [])];
  await printLines(
    ...textTable(
      head,
      listed.map(({ name, data, encoder, weights, published, hours: time }) => [
        ...[name, data, encoder, weights.replace(/^hub:/, ''), formatFigures(published)],
        ...(hours ? [time === undefined ? '–' : time.toFixed(1)] : []),
      ]),
    ),
    '',
    `${listed.length} rows; --json has all figures, with notes on their accuracy`,
  );
}

async function measureHours(
  recipes: ReadonlyMap<PublishedRow, Recipe>,
  backend: ListOptions['backend'],
): Promise<ReadonlyMap<PublishedRow, number>> {
  const { estimateHours } = await import('./hours.ts');
  const line = new ProgressLine();
  return estimateHours(recipes, backend, line);
}

/** The first two known figures. */
function formatFigures(published: Readonly<Record<string, number | null>>): string {
  const known = Object.entries(published).filter(([, value]) => value !== null);
  if (known.length === 0) return 'not known';
  return known
    .slice(0, 2)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
