import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { ColumnRecord } from './formats.ts';
import { recordsOf } from './records.ts';

/** Number of rows in memory at a time. */
const groupSize = 10_000;

/**
 * Makes a Parquet file from records, all or nothing. Columns: `path`, `labels` (null if scores only rank) and `error`
 * as text, and a float32 column for each class.
 *
 * @param records file of `columnRecords`
 */
export async function writeParquet(records: string, path: string, classes: readonly string[]): Promise<void> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    const writer = new ParquetWriter({
      writer: fileWriter(temporary),
      schema: schemaFromColumnData({ columnData: columnsOf([], classes) }),
    });
    let rows: ColumnRecord[] = [];
    for await (const { text } of recordsOf(records, false)) {
      rows.push(JSON.parse(text) as ColumnRecord);
      if (rows.length < groupSize) continue;
      await writer.write({ columnData: columnsOf(rows, classes), rowGroupSize: groupSize });
      rows = [];
    }
    if (rows.length > 0) await writer.write({ columnData: columnsOf(rows, classes), rowGroupSize: groupSize });
    await writer.finish();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function columnsOf(rows: readonly ColumnRecord[], classes: readonly string[]) {
  const text = (name: string, data: (string | null)[]) => ({ name, data, type: 'STRING' as const, nullable: true });
  return [
    text(
      'path',
      rows.map(([path]) => path),
    ),
    text(
      'labels',
      rows.map(([, , labels]) => labels?.join('; ') ?? null),
    ),
    text(
      'error',
      rows.map(([, error]) => error),
    ),
    ...classes.map((name, c) => ({
      name,
      data: rows.map(([, , , values]) => values[c] ?? null),
      type: 'FLOAT' as const,
      nullable: true,
    })),
  ];
}
