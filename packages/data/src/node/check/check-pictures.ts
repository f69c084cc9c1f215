import { existsSync } from 'node:fs';
import { appendFile, readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type PictureFacts, pictureFacts } from './picture-facts.ts';

/** Options of {@link checkPictures}. */
export interface CheckPicturesOptions {
  /** A file that stores the results, one line per picture. An interrupted check continues from it. */
  readonly record?: string;
  /** Called after each picture with the number of checked pictures. */
  readonly onProgress?: (done: number) => void;
  /** Stops the check between two pictures, with its reason as the error. The results so far are stored. */
  readonly signal?: AbortSignal;
}

/** The state of a missing file; no existing file has such a time of change. */
const nothing = { size: -1, mtimeMs: -1 };

/** Number of lines that are buffered before they are written. */
const linesAtOnce = 64;

/**
 * Decodes every picture once, as many at a time as there are CPU cores.
 *
 * @returns the facts in the order of the paths
 */
export async function checkPictures(
  paths: readonly string[],
  { record, onProgress, signal }: CheckPicturesOptions = {},
): Promise<readonly PictureFacts[]> {
  const known = record === undefined ? new Map<string, PictureFacts>() : await readRecord(record);
  const facts: PictureFacts[] = new Array(paths.length);
  let next = 0;
  let done = 0;
  let lines: string[] = [];
  const flush = async (): Promise<void> => {
    const text = lines.join('');
    lines = [];
    if (record !== undefined && text !== '') await appendFile(record, text);
  };
  const work = async (): Promise<void> => {
    for (let i = next++; i < paths.length; i = next++) {
      signal?.throwIfAborted();
      const path = paths[i];
      const { size, mtimeMs } = await stat(path).catch(() => nothing);
      const before = known.get(path);
      if (before && before.bytes === size && before.changed === mtimeMs) facts[i] = before;
      else {
        facts[i] = await pictureFacts(path, size, mtimeMs);
        lines.push(`${JSON.stringify(facts[i])}\n`);
        if (lines.length >= linesAtOnce) await flush();
      }
      onProgress?.(++done);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: availableParallelism() }, work));
  await flush();
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  // Parallel decoders share libvips' error message, so broken pictures are decoded again one by one to get their own.
  for (const [i, { broken, bytes, changed }] of facts.entries()) {
    if (broken === null || known.get(paths[i])?.changed === changed) continue;
    facts[i] = await pictureFacts(paths[i], bytes, changed);
    lines.push(`${JSON.stringify(facts[i])}\n`);
  }
  await flush();
  return facts;
}

/** Reads the stored results; an incomplete last line is ignored. */
async function readRecord(record: string): Promise<Map<string, PictureFacts>> {
  const facts = new Map<string, PictureFacts>();
  if (!existsSync(record)) return facts;
  const text = await readFile(record, 'utf8');
  for (const line of text.split('\n')) {
    try {
      const fact = JSON.parse(line) as PictureFacts;
      facts.set(fact.path, fact);
    } catch {
      // The line that was being written when the check was interrupted.
    }
  }
  // The next line must start on its own line.
  if (text !== '' && !text.endsWith('\n')) await appendFile(record, '\n');
  return facts;
}
