import * as z from 'zod';
import { checkRecipe } from '../recipe/check.ts';
import { mergeLeaves } from '../recipe/merge.ts';
import { parseRecipe } from '../recipe/parse.ts';
import { type Locate, type Path, placed, type RecipeSource } from '../recipe/source.ts';
import { UsageError } from '../usage-error.ts';
import { protocolNames } from './protocols.ts';
import type { PublishedPaper, PublishedRow } from './published-row.ts';

const text = z.string().min(1);
const figures = z.array(z.number().min(0).max(100).nullable()).min(1);
const settings = z.record(z.string(), z.unknown());
const rowName = z.string().regex(/^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/, 'should be words divided by /');

const rowSchema = z.strictObject({
  recipe: text.describe('Path of the recipe, relative to this file'),
  settings: settings.optional().describe('Settings laid over the recipe'),
  points: z
    .record(z.string().regex(/^[\w.-]+$/), settings)
    .optional()
    .describe('Rows that differ in one setting'),
  source: text,
  measures: z.enum(protocolNames).optional(),
  columns: z.array(text).min(1).optional(),
  figures: z
    .union([figures, z.array(figures)])
    .optional()
    .describe('Percent; one list for each point'),
  mean: figures.optional().describe('Mean figures over all points'),
  inexact: z.array(text).default([]),
});

const fileSchema = z.strictObject({
  name: rowName,
  paper: text,
  link: z.url(),
  measures: z.enum(protocolNames).describe('The protocol; a row may use another one'),
  columns: z.array(text).min(1),
  differences: z.array(text),
  inexact: z.array(text),
  // A place for YAML anchors that several rows use.
  shares: z.unknown().optional(),
  rows: z.record(rowName, rowSchema),
  notHere: z
    .array(z.strictObject({ name: text, source: text, figures: figures.optional(), mean: figures.optional() }))
    .default([]),
});

type Figures = readonly (number | null)[];
type WrittenRow = z.infer<typeof rowSchema>;
type WrittenFile = z.infer<typeof fileSchema>;

/**
 * Reads the rows of a paper from a YAML text.
 *
 * @param file name to use in error messages
 * @throws UsageError with file and line
 */
export function parseRows(content: string, file: string): PublishedPaper {
  const source = parseRecipe(content, file);
  const { rows, notHere, shares: _, measures, columns, ...paper } = checkRecipe(source, fileSchema);
  const own: PublishedRow[] = [];
  const result: PublishedPaper = {
    ...paper,
    rows: own,
    notHere: notHere.map(({ figures: single, mean, ...row }) => ({ ...row, figures: single ?? mean ?? [] })),
  };
  for (const [key, written] of Object.entries(rows)) {
    own.push(...rowsOf(key, written, { paper: result, measures, columns, source }));
  }
  return result;
}

interface Context extends Pick<WrittenFile, 'measures' | 'columns'> {
  readonly paper: PublishedPaper;
  readonly source: RecipeSource;
}

/** A row, or one row for each of its points. */
function rowsOf(key: string, written: WrittenRow, context: Context): PublishedRow[] {
  const { paper, source } = context;
  const { recipe, points, inexact, columns = context.columns, measures: protocol = context.measures } = written;
  const name = `${paper.name}/${key}`;
  const shared = { paper, source: written.source, recipe, protocol, columns, inexact };
  const at = (...place: string[]): Locate => {
    return (path) => source.locate(['rows', key, ...place, ...path]);
  };
  const fit = (entry: 'figures' | 'mean', given: Figures | undefined): Figures => {
    if (given === undefined || given.length === columns.length) return given ?? columns.map(() => null);
    // A table may have only the first measure for points.
    if (points && given.length === 1) return columns.map((_, i) => given[i] ?? null);
    return refuse(source, [key, entry], `should have ${columns.length} entries, one for each of ${columns.join(', ')}`);
  };
  const { figures: given = [] } = written;
  const isNested = given.some(Array.isArray);
  if (!points) {
    if (isNested) refuse(source, [key, 'figures'], 'should be a list of numbers, since there are no points');
    const settings = { value: written.settings ?? {}, locate: at('settings') };
    return [{ ...shared, name, settings, figures: fit('figures', written.figures as Figures | undefined) }];
  }
  const own = Object.entries(points);
  if (given.length > 0 && !(isNested && given.length === own.length)) {
    refuse(source, [key, 'figures'], `should have a list for each of ${own.length} points`);
  }
  const group = { name, mean: fit('mean', written.mean) };
  return own.map(([point, over], i) => ({
    ...shared,
    name: `${name}/${point}`,
    group,
    settings: { value: mergeLeaves(written.settings ?? {}, over), locate: at('points', point) },
    figures: fit('figures', (given as readonly Figures[])[i]),
  }));
}

function refuse({ locate }: RecipeSource, place: Path, message: string): never {
  throw new UsageError(placed(locate, ['rows', ...place], message));
}
