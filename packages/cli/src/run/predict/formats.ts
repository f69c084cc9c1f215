import { stringify } from 'csv-stringify/sync';
import type { Predictor } from './predictor.ts';
import { likeliest, type PredictedRow } from './rows.ts';

/** A format of predictions, written record by record. */
export interface RecordFormat {
  /** Text before the first picture: a header, or nothing. */
  readonly head: string;
  /** The record of one picture, including its line end. */
  record(row: PredictedRow): string;
  /** The path of the picture, read from a record. */
  pathOf(record: string): string;
  /** Whether a record may have line ends inside quotes. */
  readonly quotes: boolean;
}

/**
 * One line of JSON per picture: its labels, and the likeliest classes with scores and probabilities. A class has an id
 * if that differs from its name.
 */
export function jsonLines(named: Named, top: number): RecordFormat {
  return {
    head: '',
    record: (row) => `${JSON.stringify(jsonOf(row, named, top))}\n`,
    pathOf: (record) => (JSON.parse(record) as { image: string }).image,
    quotes: false,
  };
}

/** Names of the classes. */
type Named = Pick<Predictor, 'classes' | 'classIds'>;

function jsonOf(row: PredictedRow, { classes, classIds = classes }: Named, top: number): object {
  const { path: image, error, labels, scores, probabilities } = row;
  if (error !== undefined) return { image, error: error.message };
  const ranked = likeliest(row, top).map((c) => ({
    class: classes[c],
    ...(classIds[c] !== classes[c] && { id: classIds[c] }),
    score: scores[c],
    ...(probabilities && { probability: rounded(probabilities[c]) }),
  }));
  return { image, ...(labels && { labels }), scores: ranked };
}

/** Columns of a table besides those of the classes. */
export const ownColumns: readonly string[] = ['path', 'labels', 'error'];

/** Quote carriage returns, too: some readers take one as the end of a record. */
const quoting = { quoted_match: /\r/ };

/**
 * A CSV table that `data: { name: table }` reads, too. Columns: path; labels joined by `; `; the error of a broken
 * picture; and for each class its probability, or its score if the method gives no probabilities.
 */
export function csv(classes: readonly string[]): RecordFormat {
  return {
    head: stringify([[...ownColumns, ...classes]], quoting),
    record({ path, error, labels, scores, probabilities }) {
      const values = error === undefined ? Array.from(probabilities ?? scores, rounded) : classes.map(() => '');
      return stringify([[path, labels?.join('; ') ?? '', error?.message ?? '', ...values]], quoting);
    },
    pathOf: firstField,
    quotes: true,
  };
}

/** Records from which a Parquet file is made: lines of JSON with the values of every class. */
export const columnRecords: RecordFormat = {
  head: '',
  record: ({ path, error, labels, scores, probabilities }) =>
    `${JSON.stringify([path, error?.message ?? null, labels, Array.from(probabilities ?? scores, rounded)])}\n`,
  pathOf: (record) => (JSON.parse(record) as ColumnRecord)[0],
  quotes: false,
};

/** A record of {@link columnRecords}. */
export type ColumnRecord = readonly [
  path: string,
  error: string | null,
  labels: readonly string[] | null,
  values: readonly number[],
];

/** Rounds to 7 digits, which is the precision of float32. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

/** The first field of a CSV record. */
function firstField(record: string): string {
  const quoted = /^"((?:[^"]|"")*)"/.exec(record);
  return quoted ? quoted[1].replaceAll('""', '"') : record.slice(0, record.search(/[,\r\n]|$/));
}
