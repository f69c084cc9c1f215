import { basename, dirname, resolve } from 'node:path';
import { checkRecipe, readRecipe } from '@ltml/recipes/node';
import { z } from 'zod';
import { type MeasuresName, measuresNames } from './measures/measures.ts';

/** A recipe in a suite: a row of its table. */
export interface SuiteRow {
  /** Path of the recipe, from the file of the suite. */
  readonly recipe: string;
  /** Entries of the recipe that the row changes, `key=value`. */
  readonly set?: readonly string[] | undefined;
  readonly title: string;
  readonly description: string;
  /** The row that this one adds a step to; none for what stands beside the ladder. */
  readonly after?: string | undefined;
  /** The row that its differences are taken to, in place of the suite's baseline. */
  readonly against?: string | undefined;
  /** The preparation whose run of the same seed gives the weights of the encoder. */
  readonly encoder?: string | undefined;
}

/** One measure of several rows against a number that is varied, e.g. mAP against the share of known labels. */
export interface SuiteSeries {
  readonly title: string;
  /** What is varied, with its unit. */
  readonly axis: string;
  readonly measure: string;
  /** Rows by line and by the number that is varied. */
  readonly lines: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A recipe that is refused, since its parts do not go together. */
export interface RefusedRow extends Pick<SuiteRow, 'recipe' | 'set'> {
  /** Words of the message that refuses it. */
  readonly reason: string;
}

/** One measure of rows that mix parts, as a table. */
export interface SuiteMatrix {
  readonly title: string;
  readonly measure: string;
  /** Rows, or recipes that are refused, by line and column. */
  readonly lines: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A comparison: a list of recipes with one protocol. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  /** What it asks, in a sentence. */
  readonly question: string;
  readonly seeds: readonly number[];
  /** What is measured on the test images; see {@link measuresNames}. */
  readonly measures: MeasuresName;
  /** The measure that its claim is about; default the first. */
  readonly headline?: string | undefined;
  /** The row that the others are compared with, unless they say `against`; none where all do. */
  readonly baseline?: string | undefined;
  /** In the order of report. */
  readonly rows: Readonly<Record<string, SuiteRow>>;
  /** Recipes that are run for the sake of rows, by name. */
  readonly preparations: Readonly<Record<string, { readonly recipe: string }>>;
  /** Recipes that cannot be built, by name; they are in no table but the matrix. */
  readonly refused: Readonly<Record<string, RefusedRow>>;
  readonly series?: SuiteSeries | undefined;
  readonly matrix?: SuiteMatrix | undefined;
  /** Sentences for the reader: budget, evaluation, how settings were chosen. */
  readonly notes: readonly string[];
  /** That a run takes on WebAssembly, roughly: for the time left. */
  readonly seconds: number;
}

const folderName = z
  .string()
  .regex(/^\w[\w.-]{0,99}$/, 'should be made of letters, digits, dots, dashes and underscores');

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

/** @param issues rows, preparations and measures that are named and not there, by their place */
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
      context.addIssue({ code: 'custom', path, message: `"${name}" is not there` });
    }
  });

/** The form of a suite where it is kept beside its runs. */
export const storedSuiteSchema: z.ZodType<Suite> = suiteSchema.safeExtend({ name: folderName });

/**
 * Reads the file of a suite; its name is that of the file.
 *
 * @throws UsageError with file, line and entry for each mistake
 */
export function readSuite(file: string): Suite {
  return { name: basename(file).replace(/\.\w+$/, ''), ...checkRecipe(readRecipe(file), suiteSchema) };
}

/** Where the recipe of a row is. @param file of the suite */
export function recipeOf(file: string, { recipe }: Pick<SuiteRow, 'recipe'>): string {
  return resolve(dirname(file), recipe);
}

/** The row that another one is compared with; none for the baseline. */
export function referenceOf({ rows, baseline }: Pick<Suite, 'rows' | 'baseline'>, row: string): string | undefined {
  return rows[row].against ?? (row === baseline ? undefined : baseline);
}
