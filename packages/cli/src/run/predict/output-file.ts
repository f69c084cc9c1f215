import { existsSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { UsageError } from '@ltml/recipes/usage-error';
import { writeFileAtomically } from '@ltml/tensor/node';
import type { RecordFormat } from './formats.ts';
import { recordsOf } from './records.ts';

/** A file of predictions that grows. If the command ends early, the next call continues the file. */
export interface OutputFile {
  /** Number of pictures in the file when it was opened. */
  readonly done: number;
  /** Writes text at the end. */
  append(text: string): Promise<void>;
  /**
   * Completes the file and renames it. @param convert makes the final file from the grown one; left out, the grown file
   * is final
   */
  finish(convert?: (grown: string, path: string) => Promise<void>): Promise<void>;
  /** Closes the unfinished file, which can be continued later. */
  close(): Promise<void>;
}

/**
 * Opens a file of predictions. It grows as `<path>.partial` and is renamed when it is complete. If a killed process
 * left an incomplete record at its end, the record is cut off. The settings are in `<path>.partial.json`.
 *
 * @param paths the pictures; those that an unfinished file has already are taken from this iterator
 * @param settings that change predictions, as JSON; an unfinished file must have the same
 * @throws UsageError if the file exists and is complete, or was begun with other settings or pictures
 */
export async function openOutputFile(
  path: string,
  format: RecordFormat,
  paths: AsyncIterator<string>,
  settings: object,
): Promise<OutputFile> {
  if (existsSync(path)) throw new UsageError(`--out ${path}: exists already`);
  const [partial, record] = [`${path}.partial`, `${path}.partial.json`];
  const known = JSON.stringify(settings, null, 2);
  const isBegun = existsSync(partial) && existsSync(record);
  if (isBegun && (await readFile(record, 'utf8')) !== known) {
    throw new UsageError(
      `--out ${path}: ${partial} was begun with another model or other options; delete it to start again`,
    );
  }
  if (!isBegun) await writeFileAtomically(record, [known]);
  const { done, end } = isBegun ? await matchRecords(partial, format, paths) : { done: 0, end: 0 };
  const file = await open(partial, isBegun ? 'r+' : 'w');
  let position = end;
  const append = async (text: string): Promise<void> => {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) {
      written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
    }
    position += bytes.length;
  };
  await file.truncate(end);
  if (end === 0) await append(format.head);
  return {
    done,
    append,
    async finish(convert) {
      await file.sync();
      await file.close();
      if (convert) await convert(partial, path);
      else await rename(partial, path);
      await rm(partial, { force: true });
      await rm(record, { force: true });
    },
    close: () => file.close(),
  };
}

/**
 * Compares the records of a file with the pictures, in order. @returns the number of whole records, and where they end,
 * in bytes
 */
async function matchRecords(
  partial: string,
  format: RecordFormat,
  paths: AsyncIterator<string>,
): Promise<{ readonly done: number; readonly end: number }> {
  let [done, last] = [0, 0];
  let isHead = format.head !== '';
  for await (const { text, end } of recordsOf(partial, format.quotes)) {
    if (!isHead) {
      const { value, done: isOver } = await paths.next();
      if (isOver || format.pathOf(text) !== value) {
        const wanted = isOver ? 'there are no more pictures' : `the next picture is ${value}`;
        throw new UsageError(
          `${partial}: was begun with other pictures: it has ${format.pathOf(text)} where ${wanted}; delete it to start again`,
        );
      }
      done++;
    }
    isHead = false;
    last = end;
  }
  return { done, end: last };
}
