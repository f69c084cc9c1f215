import { extname } from 'node:path';
import { UsageError } from '@ltml/recipes/usage-error';
import type { FormatName, PredictionOptions } from '../prediction.ts';

const byEnding: Readonly<Record<string, FormatName>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.parquet': 'parquet',
};

/**
 * The format of predictions: the named one, else by the ending of the file, else a table.
 *
 * @throws UsageError for an unknown ending without a named format, Parquet on standard output, a table in a file, or
 * two formats
 */
export function chooseFormat({ format, json, out }: Pick<PredictionOptions, 'format' | 'json' | 'out'>): FormatName {
  if (json && format && format !== 'jsonl')
    throw new UsageError(`--json and --format ${format}: give only one of them`);
  const named = json ? 'jsonl' : format;
  const chosen = named ?? (out === undefined ? 'table' : byEnding[extname(out).toLowerCase()]);
  if (!chosen) throw new UsageError(`--out ${out}: should end in .jsonl, .csv or .parquet, or give --format`);
  if (chosen === 'parquet' && out === undefined) throw new UsageError('--format parquet: needs a file (--out)');
  if (chosen === 'table' && out !== undefined) throw new UsageError('--format table: is for a terminal, not for --out');
  return chosen;
}
