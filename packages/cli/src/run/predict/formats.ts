import { stringify } from 'csv-stringify/sync';
import type { Predictor } from './predictor.ts';
import { likeliest, type PredictedRow } from './rows.ts';

/** How predictions are written, record by record. */
export interface RecordFormat {
  /** Records before the first picture: a header, or nothing. */
  readonly head: string;
  /** What is said of a picture, with its line end. */
  record(row: PredictedRow): string;
  /** The path of the picture that a record is of. */
  pathOf(record: string): string;
  /** Whether line ends may stand in records, within quotes. */
  readonly quotes: boolean;
}

/** A line of JSON a picture: the likeliest classes, with their ids where these are other than the names, their scores and probabilities, and the labels. */
export function jsonLines(named: Named, top: number): RecordFormat {
  return {
    head: '',
    record: (row) => `${JSON.stringify(jsonOf(row, named, top))}\n`,
    pathOf: (record) => (JSON.parse(record) as { image: string }).image,
    quotes: false,
  };
}

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

/** Columns of a table beside those of the classes. */
export const ownColumns: readonly string[] = ['path', 'labels', 'error'];

/** A carriage return alone would end a record for some readers, too. */
const quoting = { quoted_match: /\r/ };

/**
 * A table that `data: { name: table }` reads, too: path, labels divided by `;`, what is wrong with a picture, and for each
 * class its probability, or its score where that promises none.
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

/** All that a table of columns is made of: every class, in a line of JSON. */
export const columnRecords: RecordFormat = {
  head: '',
  record: ({ path, error, labels, scores, probabilities }) =>
    `${JSON.stringify([path, error?.message ?? null, labels, Array.from(probabilities ?? scores, rounded)])}\n`,
  pathOf: (record) => (JSON.parse(record) as ColumnRecord)[0],
  quotes: false,
};

export type ColumnRecord = readonly [
  path: string,
  error: string | null,
  labels: readonly string[] | null,
  values: readonly number[],
];

/** As many digits as tell float32 numbers apart. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

/** The first field of a CSV record. */
function firstField(record: string): string {
  const quoted = /^"((?:[^"]|"")*)"/.exec(record);
  return quoted ? quoted[1].replaceAll('""', '"') : record.slice(0, record.search(/[,\r\n]|$/));
}
