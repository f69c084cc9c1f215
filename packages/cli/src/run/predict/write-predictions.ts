import { availableParallelism } from 'node:os';
import { PicturePool } from '@ltml/images/node';
import { ProgressLine, rateFrom } from '../../progress-line.ts';
import { printErrors, printLines } from '../../terminal.ts';
import { checkColumnNames } from '../column-names.ts';
import { decodeModeOf, type PredictionOptions } from '../prediction.ts';
import { chooseFormat } from './choose-format.ts';
import { columnRecords, csv, jsonLines, ownColumns, type RecordFormat } from './formats.ts';
import { type OutputFile, openOutputFile } from './output-file.ts';
import { countPictures, picturePaths } from './picture-paths.ts';
import type { Predictor } from './predictor.ts';
import { readBatches } from './read-batches.ts';
import { type PredictedRow, predictRows } from './rows.ts';
import { tableLines } from './table-lines.ts';
import { writeParquet } from './write-parquet.ts';

/** Pictures scored at a time. */
const batchSize = 32;
/** With fewer pictures than this, starting threads (about a second) costs more than it saves. */
const fewPictures = 64;

/** Options of {@link writePredictions}. */
export interface WriteOptions extends PredictionOptions {
  /** All settings that change predictions, as JSON. An unfinished file is continued only with the same settings. */
  readonly settings: object;
  /** Called for each picture that could be read. */
  readonly onRow?: (row: PredictedRow) => Promise<void>;
}

/**
 * Scores pictures and prints or writes the predictions, batch by batch: memory does not grow with the number of
 * pictures. An unfinished file is continued.
 *
 * @throws DataError for a picture that can't be read, unless broken pictures are skipped
 * @throws UsageError for a class name that can't be a column of the file
 */
export async function writePredictions(
  paths: readonly string[],
  predictor: Predictor,
  options: WriteOptions,
): Promise<void> {
  const { out, top, onRow, skipBroken = false } = options;
  const name = chooseFormat(options);
  const total = countPictures(paths);
  const { classes, pipeline } = predictor;
  if (name === 'csv' || name === 'parquet') {
    checkColumnNames(classes, ownColumns, 'use --format jsonl');
    const parted = classes.find((entry) => entry.includes(';'));
    if (parted !== undefined) {
      printErrors(
        `warning: the class "${parted}" has a ";", which also separates labels: read this class from its own column`,
      );
    }
  }
  const formats = { jsonl: () => jsonLines(predictor, top), csv: () => csv(classes), parquet: () => columnRecords };
  const format = name === 'table' ? undefined : formats[name]();
  const pictures = picturePaths(paths);
  const settings = { format: name, ...(name === 'jsonl' && { top }), ...options.settings };
  const file = out === undefined || !format ? undefined : await openOutputFile(out, format, pictures, settings);
  const line = new ProgressLine();
  // Threads on every core, since this thread waits while the model runs. A few pictures are read before threads would
  // have started.
  const pool = new PicturePool({ workers: total !== undefined && total < fewPictures ? 0 : availableParallelism() });
  const counts = { done: file?.done ?? 0, broken: 0 };
  if (counts.done > 0) line.print(`continues after ${counts.done} pictures`);
  const rate = rateFrom(counts.done);
  const progress = progressOf(line, rate, total);
  try {
    const { reader = pool.reader({ pipeline, mode: decodeModeOf(options) }) } = predictor;
    if (!file && format) await printRecords(format.head);
    for await (const batch of readBatches(pictures, reader, batchSize)) {
      const rows = await predictRows(batch, predictor);
      for (const { error } of rows) {
        if (error === undefined) continue;
        if (!skipBroken) throw error;
        line.print(error.message);
        counts.broken++;
      }
      await writeRows(rows, { file, format, classes, top });
      if (onRow) for (const row of rows) if (row.error === undefined) await onRow(row);
      counts.done += rows.length;
      progress(counts.done);
    }
    await file?.finish(name === 'parquet' ? (grown, path) => writeParquet(grown, path, classes) : undefined);
  } catch (error) {
    await file?.close();
    throw error;
  } finally {
    line.clear();
    await pool.close();
  }
  if (counts.broken > 0) line.print(`${counts.broken} of ${counts.done} pictures could not be read`);
  if (out !== undefined) await printLines(`${counts.done} pictures in ${out}, ${rate(counts.done)} a second`);
}

/** Where rows go, and how. */
interface Target {
  readonly file: OutputFile | undefined;
  readonly format: RecordFormat | undefined;
  readonly classes: readonly string[];
  readonly top: number;
}

async function writeRows(rows: readonly PredictedRow[], { file, format, classes, top }: Target): Promise<void> {
  if (file && format) return file.append(rows.map((row) => format.record(row)).join(''));
  // Broken pictures were reported on standard error.
  const whole = rows.filter(({ error }) => error === undefined);
  if (format) return printRecords(whole.map((row) => format.record(row)).join(''));
  for (const row of whole) await printLines(...tableLines(row, classes, top));
}

/** Prints records, with control characters escaped. */
async function printRecords(text: string): Promise<void> {
  const lines = text.split(/\r?\n/).slice(0, -1);
  if (lines.length > 0) await printLines(...lines);
}

/** Seconds between lines of progress if there is no terminal. */
const quietSeconds = 30;

/** Shows how many pictures are done, the rate and the time left. */
function progressOf(
  line: ProgressLine,
  rate: (done: number) => string,
  total: number | undefined,
): (done: number) => void {
  let told = performance.now();
  return (done) => {
    const now = performance.now();
    const text = `${done}${total === undefined ? '' : ` of ${total}`} pictures, ${rate(done)} a second`;
    if (total !== undefined) line.show(done / total, text);
    if (process.stderr.isTTY || now - told < 1000 * quietSeconds) return;
    told = now;
    line.print(text);
  };
}
