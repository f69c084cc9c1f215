import { resolve } from 'node:path';
import { type Measures, measureRun, type PublishedRow, type RowGroup } from '@ltml/recipes/node';
import { textTable } from '../../text-table.ts';
import type { ReproduceOptions } from './options.ts';
import type { RowRun } from './plan.ts';

/** Measured beside published figures, in percent. */
interface Comparison {
  /**
   * How the runs differ from the paper's, e.g. `a share of 0.02 of the images`. Such runs are not compared with
   * published figures.
   */
  readonly rehearsal: readonly string[];
  readonly rows: readonly ComparedRow[];
  /** Means over rows that differ in one setting. */
  readonly groups: readonly ComparedGroup[];
  /** Sentences: how training or evaluation differs from that of the papers. */
  readonly differences: readonly string[];
}

/** Measures of a row or a group of rows. */
interface ComparedGroup {
  readonly name: string;
  readonly measures: readonly ComparedMeasure[];
}

/** Measures of a row, and where they come from. */
interface ComparedRow extends ComparedGroup {
  readonly source: string;
  readonly seeds: number;
  /** Known inaccuracies of the published figures. */
  readonly inexact: readonly string[];
  readonly folders: readonly string[];
}

/** A measure, in percent. */
interface ComparedMeasure {
  readonly name: string;
  /** The figure of the paper; null if it has none. Left out of rehearsals. */
  readonly published?: number | null;
  /** Mean over seeds; null if a run lacks the measure. */
  readonly measured: number | null;
  /** Standard deviation over seeds (n − 1); null for one seed. */
  readonly deviation: number | null;
  readonly difference?: number | null;
}

/** Compares run folders with the published rows. @throws DataError that names a damaged file */
export function compareRows(runs: readonly RowRun[], { scale, set, weights }: ReproduceOptions): Comparison {
  const rehearsal = [
    ...(scale === undefined ? [] : [`a share of ${scale} of the images`]),
    ...set.map((setting) => `changed: ${setting}`),
  ];
  const isRow = rehearsal.length === 0;
  const byRow = new Map<PublishedRow, RowRun[]>();
  for (const each of runs) byRow.set(each.row, [...(byRow.get(each.row) ?? []), each]);
  const rows = [...byRow].map(([row, own]) => ({ row, ...compareRow(row, own, isRow) }));
  const papers = [...new Set(rows.map(({ row }) => row.paper))];
  return {
    rehearsal,
    rows: rows.map(({ row: _, ...compared }) => compared),
    groups: groupsOf(rows, isRow),
    differences: [
      ...papers.flatMap(({ differences }) => differences),
      ...(weights === undefined ? [] : [`The weights of the encoder are ${weights}.`]),
    ],
  };
}

function compareRow(row: PublishedRow, runs: readonly RowRun[], isRow: boolean): ComparedRow {
  const measured = runs.map(({ folder }) => measureRun(folder, row));
  const ofRow = runs[0].recipe.evaluation.select && runs[0].recipe.evaluation.selection === 'published';
  return {
    name: row.name,
    source: `${row.source}, ${row.paper.paper}`,
    seeds: runs.length,
    measures: row.columns.map((name, i) => compareMeasure(name, row.figures[i], measured, isRow)),
    inexact: [
      ...(ofRow ? ['The epoch was chosen on the test images, as in the paper.'] : []),
      ...row.paper.inexact,
      ...row.inexact,
    ],
    folders: runs.map(({ folder }) => resolve(folder)),
  };
}

function compareMeasure(
  name: string,
  published: number | null,
  runs: readonly Measures[],
  isRow: boolean,
): ComparedMeasure {
  const values = runs.flatMap((run) => (typeof run[name] === 'number' ? [100 * run[name]] : []));
  const measured = values.length === runs.length ? meanOf(values) : null;
  const squares = values.reduce((sum, value) => sum + (value - meanOf(values)) ** 2, 0);
  const deviation = measured === null || values.length < 2 ? null : Math.sqrt(squares / (values.length - 1));
  const difference = measured === null || published === null ? null : measured - published;
  return { name, measured, deviation, ...(isRow && { published, difference }) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Means of the groups whose rows are all there. */
function groupsOf(rows: readonly (ComparedRow & { readonly row: PublishedRow })[], isRow: boolean): ComparedGroup[] {
  const names = new Map(rows.flatMap(({ row }) => (row.group ? [[row.group.name, row.group] as const] : [])));
  return [...names].flatMap(([name, group]: [string, RowGroup]) => {
    const own = rows.filter(({ row }) => row.group?.name === name);
    const [{ row }] = own;
    const all = row.paper.rows.filter((other) => other.group?.name === name);
    if (own.length < all.length) return [];
    const measures = row.columns.map((column, i) => {
      const values = own.map(({ measures: each }) => each[i].measured);
      const mean = values.every((value) => value !== null) ? { [column]: meanOf(values) / 100 } : { [column]: null };
      return compareMeasure(column, group.mean[i], [mean], isRow);
    });
    return [{ name: `${name}, mean of ${own.length}`, measures }];
  });
}

/** A comparison as lines of text. */
export function formatComparison({ rehearsal, rows, groups, differences }: Comparison): string[] {
  const isRow = rehearsal.length === 0;
  const notes = [...new Set(rows.flatMap(({ inexact }) => inexact))];
  return [
    ...rows.flatMap((row) => [
      `${row.name}: ${row.source}${row.seeds > 1 ? `, ${row.seeds} seeds` : ''}`,
      ...formatMeasures(row.measures, isRow),
      '',
    ]),
    ...groups.flatMap((group) => [group.name, ...formatMeasures(group.measures, isRow), '']),
    ...(isRow ? [] : ['A rehearsal, not the published row:', ...rehearsal.map((change) => `- ${change}`), '']),
    'Differences from the paper:',
    ...differences.map((sentence) => `- ${sentence}`),
    ...(isRow ? ['', 'Notes on the published figures:', ...notes.map((sentence) => `- ${sentence}`)] : []),
    '',
    ...rows.flatMap(({ folders }) => folders.map((folder) => `run folder: ${folder}`)),
  ];
}

function formatMeasures(measures: readonly ComparedMeasure[], isRow: boolean): string[] {
  const head = ['%', ...(isRow ? ['published'] : []), 'measured', ...(isRow ? ['difference'] : [])];
  return textTable(
    head,
    measures.map(({ name, published, measured, deviation, difference }) => [
      name,
      ...(isRow ? [figure(published)] : []),
      deviation === null ? figure(measured) : `${figure(measured)} ± ${deviation.toFixed(2)}`,
      ...(isRow ? [signed(difference)] : []),
    ]),
  );
}

function figure(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toFixed(2);
}

function signed(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}
