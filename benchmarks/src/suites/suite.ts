import { basename, dirname, resolve } from 'node:path';
import { checkRecipe, readRecipe } from '@ltml/recipes/node';
import { z } from 'zod';
import { type MeasuresName, measuresNames } from './measures/measures.ts';

/** A recipe in a suite: a row of its table. */
export interface SuiteRow {
  /** Path of the recipe, relative to the suite's file. */
  readonly recipe: string;
  /** Entries of the recipe that the row changes, as `key=value`. */
  readonly set?: readonly string[] | undefined;
  readonly title: string;
  readonly description: string;
  /** The previous row of the ladder, to which this one adds a step. Undefined outside the ladder. */
  readonly after?: string | undefined;
  /** The row that this one is compared with. Default: the suite's baseline. */
  readonly against?: string | undefined;
  /** The preparation whose network is the encoder of this row. The run with the same seed is used. */
  readonly encoder?: string | undefined;
}

/** One measure of several rows against a varied number, for example mAP against the proportion of known labels. */
export interface SuiteSeries {
  readonly title: string;
  /** Name and unit of the varied number. */
  readonly axis: string;
  readonly measure: string;
  /** Rows by line and by the varied number. */
  readonly lines: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A recipe that is refused because its parts do not fit together. */
export interface RefusedRow extends Pick<SuiteRow, 'recipe' | 'set'> {
  /** Words that the error message contains. */
  readonly reason: string;
}

/** One measure of rows with different combinations of parts, as a table. */
export interface SuiteMatrix {
  readonly title: string;
  readonly measure: string;
  /** Rows, or refused recipes, by line and column. */
  readonly lines: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A comparison: a list of recipes with one protocol. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  /** The question that the suite answers, in one sentence. */
  readonly question: string;
  readonly seeds: readonly number[];
  /** The measures on the test images; see {@link measuresNames}. */
  readonly measures: MeasuresName;
  /** The headline measure. Default: the first. */
  readonly headline?: string | undefined;
  /** The row that all others are compared with, unless they have `against`. Not needed if all have it. */
  readonly baseline?: string | undefined;
  /** Rows by name, in the order of the report. */
  readonly rows: Readonly<Record<string, SuiteRow>>;
  /** Recipes by name whose networks are encoders of rows. */
  readonly preparations: Readonly<Record<string, { readonly recipe: string }>>;
  /** Recipes by name that must be refused. They appear in the matrix only. */
  readonly refused: Readonly<Record<string, RefusedRow>>;
  readonly series?: SuiteSeries | undefined;
  readonly matrix?: SuiteMatrix | undefined;
  /** Notes for the reader: budget, evaluation, how settings were chosen. */
  readonly notes: readonly string[];
  /** Rough seconds per run on WebAssembly, to estimate the time left. */
  readonly seconds: number;
}

const folderName = z
  .string()
  .regex(/^\w[\w.-]{0,99}$/, 'should contain only letters, digits, dots, dashes and underscores');

const rowSchema = z.strictObject({
  recipe: z.string(),
  set: z.array(z.string()).optional(),
  title: z.string(),
  description: z.string(),
  after: z.string().optional(),
  against: z.string().optional(),
  encoder: z.string().optional(),
});

const refusedSchema = rowSchema.pick({ recipe: true, set: true }).extend({ reason: z.string().min(1) });

const matrixSchema = z.strictObject({
  title: z.string(),
  measure: z.string(),
  lines: z.record(z.string(), z.record(z.string(), z.string())),
});

const seriesSchema = matrixSchema.extend({ axis: z.string() });

/** Rows, preparations and measures that are named but do not exist, with the path of each. */
function missingNames(suite: Omit<Suite, 'name'>): [path: string[], name: string][] {
  const { rows, preparations, refused, baseline, series, matrix } = suite;
  type Named = [path: string[], name: string | undefined];
  const points = (entry: string, { lines }: Pick<SuiteMatrix, 'lines'> = { lines: {} }): Named[] =>
    Object.entries(lines).flatMap(([line, at]) =>
      Object.entries(at).map(([point, row]): Named => [[entry, 'lines', line, point], row]),
    );
  const named: Named[] = [
    [['baseline'], baseline],
    ...Object.entries(rows).flatMap(([key, { after, against }]): Named[] => [
      [['rows', key, 'after'], after],
      [['rows', key, 'against'], against],
    ]),
    ...points('series', series),
  ];
  const encoders = Object.entries(rows).map(([key, { encoder }]): Named => [['rows', key, 'encoder'], encoder]);
  const isMissing =
    (known: object) =>
    (entry: Named): entry is [string[], string] =>
      entry[1] !== undefined && !Object.hasOwn(known, entry[1]);
  return [
    ...named.filter(isMissing(rows)),
    ...encoders.filter(isMissing(preparations)),
    ...points('matrix', matrix).filter(isMissing({ ...rows, ...refused })),
  ];
}

const suiteSchema = z
  .strictObject({
    title: z.string(),
    question: z.string(),
    seeds: z.array(z.int().nonnegative()).min(1),
    measures: z.enum(measuresNames),
    headline: z.string().optional(),
    baseline: z.string().optional(),
    rows: z.record(folderName, rowSchema),
    preparations: z.record(folderName, z.strictObject({ recipe: z.string() })).default({}),
    refused: z.record(folderName, refusedSchema).default({}),
    series: seriesSchema.optional(),
    matrix: matrixSchema.optional(),
    notes: z.array(z.string()).default([]),
    seconds: z.number().positive(),
  })
  .superRefine((suite, context) => {
    for (const [path, name] of missingNames(suite)) {
      context.addIssue({ code: 'custom', path, message: `"${name}" does not exist` });
    }
  });

/** Schema of a suite that is stored beside its runs. */
export const storedSuiteSchema: z.ZodType<Suite> = suiteSchema.safeExtend({ name: folderName });

/**
 * Reads the file of a suite. The suite has the name of the file.
 *
 * @throws UsageError with file, line and entry for each mistake
 */
export function readSuite(file: string): Suite {
  return { name: basename(file).replace(/\.\w+$/, ''), ...checkRecipe(readRecipe(file), suiteSchema) };
}

/** Path of the recipe of a row. @param file file of the suite */
export function recipeOf(file: string, { recipe }: Pick<SuiteRow, 'recipe'>): string {
  return resolve(dirname(file), recipe);
}

/** The row that another one is compared with; undefined for the baseline. */
export function referenceOf({ rows, baseline }: Pick<Suite, 'rows' | 'baseline'>, row: string): string | undefined {
  return rows[row].against ?? (row === baseline ? undefined : baseline);
}
