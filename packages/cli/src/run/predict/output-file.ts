import { existsSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { UsageError } from '@ltml/recipes/usage-error';
import { writeFileAtomically } from '@ltml/tensor/node';
import type { RecordFormat } from './formats.ts';
import { recordsOf } from './records.ts';

/** A file of predictions that grows, and is gone on with if the command was ended before. */
export interface OutputFile {
  /** Pictures that it had when it was opened. */
  readonly done: number;
  append(text: string): Promise<void>;
  /** Gives it its name. @param convert makes the file of that name from the one that grew; left out, it is that one */
  finish(convert?: (grown: string, path: string) => Promise<void>): Promise<void>;
  /** Leaves it as it is, to be gone on with. */
  close(): Promise<void>;
}

/**
 * Opens a file of predictions. It grows as `<path>.partial` and gets its name when it is complete; a record that a kill has
 * torn is cut off. `<path>.partial.json` says what it is made of.
 *
 * @param paths the pictures that are predicted; those that the file has already are taken from it
 * @param settings by which predictions are made, as JSON
 * @throws UsageError if the file is there and complete, or was begun with other settings or pictures
 */
export async function openOutputFile(
  path: string,
  format: RecordFormat,
  paths: AsyncIterator<string>,
  settings: object,
): Promise<OutputFile> {
  if (existsSync(path)) throw new UsageError(`--out ${path}: is there already`);
  const [partial, record] = [`${path}.partial`, `${path}.partial.json`];
  const known = JSON.stringify(settings, null, 2);
  const isBegun = existsSync(partial) && existsSync(record);
  if (isBegun && (await readFile(record, 'utf8')) !== known) {
    throw new UsageError(`--out ${path}: ${partial} was begun with another model or other options; remove it`);
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

/** Compares what a file has with the pictures in turn; gives how many it has whole, and where they end. */
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
          `${partial}: was begun with other pictures: it has ${format.pathOf(text)} where ${wanted}; remove it to begin anew`,
        );
      }
      done++;
    }
    isHead = false;
    last = end;
  }
  return { done, end: last };
}
