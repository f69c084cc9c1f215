import { existsSync } from 'node:fs';
import { appendFile, readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type PictureFacts, pictureFacts } from './picture-facts.ts';

export interface CheckPicturesOptions {
  /** A file that keeps what is found, a line a picture, so that a check that was ended goes on where it was. */
  readonly record?: string;
  /** Told after each picture, how many are done. */
  readonly onProgress?: (done: number) => void;
  /** Ends the check between two pictures, with its reason as the error; what is found is kept. */
  readonly signal?: AbortSignal;
}

/** Of a file that is not there: none has a time of change like it. */
const nothing = { size: -1, mtimeMs: -1 };

/** Lines that are kept back until so many are there. */
const linesAtOnce = 64;

/**
 * Decodes every picture once, as many at a time as there are cores.
 *
 * @returns facts in the order of the paths
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
  // Decoders that run side by side share the place where libvips says what is wrong: alone each gets its own reason.
  for (const [i, { broken, bytes, changed }] of facts.entries()) {
    if (broken === null || known.get(paths[i])?.changed === changed) continue;
    facts[i] = await pictureFacts(paths[i], bytes, changed);
    lines.push(`${JSON.stringify(facts[i])}\n`);
  }
  await flush();
  return facts;
}

/** Facts of a record; a line that was not finished is left out. */
async function readRecord(record: string): Promise<Map<string, PictureFacts>> {
  const facts = new Map<string, PictureFacts>();
  if (!existsSync(record)) return facts;
  const text = await readFile(record, 'utf8');
  for (const line of text.split('\n')) {
    try {
      const fact = JSON.parse(line) as PictureFacts;
      facts.set(fact.path, fact);
    } catch {
      // The line that was being written when the check was ended.
    }
  }
  // What comes next begins on a line of its own.
  if (text !== '' && !text.endsWith('\n')) await appendFile(record, '\n');
  return facts;
}
