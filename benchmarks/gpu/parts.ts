// Splits large files into parts and joins them again, for a machine that accepts only small transfers.
//
//   node --import tsx benchmarks/gpu/parts.ts split FOLDER FILE…    on the machine with the files
//   node --import tsx benchmarks/gpu/parts.ts join FOLDER PARTS…    on the other, after each transfer or at the end
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { DataError } from '@ltml/tensor';

/** Record of one file: its name, its sha256 and the number of its parts. */
interface PartsRecord {
  readonly name: string;
  readonly sha256: string;
  readonly parts: number;
}

/** 60 MB, in bytes. */
const defaultPartSize = 60e6;

/** Splits a file: writes `FILE.part000` … and `FILE.parts.json` to the folder. */
export async function splitFile(
  file: string,
  folder: string,
  partSize: number = defaultPartSize,
): Promise<PartsRecord> {
  await mkdir(folder, { recursive: true });
  const name = basename(file);
  const hash = createHash('sha256');
  const source = await open(file);
  const buffer = Buffer.alloc(partSize);
  let parts = 0;
  try {
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, partSize);
      if (bytesRead === 0) break;
      const part = buffer.subarray(0, bytesRead);
      hash.update(part);
      await writeFile(join(folder, `${name}.part${String(parts++).padStart(3, '0')}`), part);
    }
  } finally {
    await source.close();
  }
  const record = { name, sha256: hash.digest('hex'), parts };
  await writeFile(join(folder, `${name}.parts.json`), JSON.stringify(record));
  return record;
}

/**
 * Joins the parts in one folder to files in another, and removes the parts. A file with missing parts waits for the
 * next call.
 *
 * @returns names of the files that are complete now
 * @throws DataError if the hash of a joined file differs from that of the original
 */
export async function joinFiles(partsFolder: string, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const present = await readdir(partsFolder);
  const joined: string[] = [];
  for (const file of present.filter((entry) => entry.endsWith('.parts.json'))) {
    const record = JSON.parse(await readFile(join(partsFolder, file), 'utf8')) as PartsRecord;
    const parts = present.filter((entry) => entry.startsWith(`${record.name}.part`) && !entry.endsWith('.json')).sort();
    if (parts.length < record.parts) continue;
    const paths = parts.map((part) => join(partsFolder, part));
    await concatenate(paths, join(folder, `${record.name}.joining`), record);
    await rename(join(folder, `${record.name}.joining`), join(folder, record.name));
    for (const path of [...paths, join(partsFolder, file)]) await rm(path);
    joined.push(record.name);
  }
  return joined;
}

async function concatenate(parts: readonly string[], target: string, { name, sha256 }: PartsRecord): Promise<void> {
  const hash = createHash('sha256');
  for (const [i, part] of parts.entries()) {
    await pipeline(
      createReadStream(part),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(target, { flags: i === 0 ? 'w' : 'a' }),
    );
  }
  const received = hash.digest('hex');
  if (received === sha256) return;
  await rm(target);
  throw new DataError({
    where: 'joinFiles',
    argument: name,
    expected: `the file with sha256 ${sha256}`,
    received,
    hint: 'Transfer its parts again.',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, folder, ...rest] = process.argv.slice(2);
  if (!folder || !['split', 'join'].includes(command ?? '')) throw new Error('usage: parts.ts split|join FOLDER PATH…');
  for (const path of rest)
    console.log(command === 'split' ? await splitFile(path, folder) : await joinFiles(path, folder));
}
