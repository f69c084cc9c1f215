import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { DataError } from '@ltml/tensor';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { installError } from './install-error.ts';

/** Bytes unpacked so far, and in all. */
export type Progress = (done: number, total: number) => void;

/** `tensorflow_cpu-2.21.0-cp311-….whl` → 2.21.0 */
export function wheelVersion(path: string): string {
  const version = /^[^-]+-([^-]+)-.*\.whl$/.exec(basename(path))?.[1];
  if (version) return version;
  const hint = 'Give the wheel as it was downloaded: its name holds its version';
  throw installError('--from', 'a wheel named like tensorflow_cpu-2.21.0-….whl', basename(path), hint);
}

/**
 * Unpacks the wanted members of a wheel, each checked against the sha256 of the wheel's own record.
 *
 * Members are streamed: the libraries are up to 788 MB.
 *
 * @returns sha256 in hexadecimal by path in the folder, of everything unpacked
 * @throws DataError for a broken wheel
 */
export async function unpackWheel(
  path: string,
  wanted: (member: string) => boolean,
  folder: string,
  progress: Progress = () => {},
): Promise<Record<string, string>> {
  const zip = await openPromise(path, { autoClose: false }).catch((error) => {
    throw brokenWheel(path, 'a readable zip file', error.message, error);
  });
  try {
    const { members, record } = await readContents(zip, wanted, path);
    const total = members.reduce((sum, member) => sum + member.uncompressedSize, 0);
    const hashes: Record<string, string> = {};
    let done = 0;
    for (const member of members) {
      const expected = record.get(member.fileName);
      if (!expected) throw brokenWheel(path, 'listed in the record of the wheel', `no hash of ${member.fileName}`);
      const advance = (bytes: number): void => {
        done += bytes;
        progress(done, total);
      };
      const hash = await unpackMember(zip, member, join(folder, member.fileName), advance).catch((error) => {
        throw error.code === 'ENOSPC' ? diskError(folder, error) : brokenWheel(path, 'whole', error.message, error);
      });
      if (hash.toString('base64url') !== expected) {
        throw brokenWheel(path, `as its record says (sha256 of ${member.fileName})`, 'another sha256');
      }
      hashes[member.fileName] = hash.toString('hex');
    }
    return hashes;
  } finally {
    zip.close();
  }
}

/** The text of one small member whose path ends so, e.g. `.dist-info/METADATA`. */
export async function readMember(path: string, ending: string): Promise<string> {
  const zip = await openPromise(path, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith(ending)) return (await buffer(await zip.openReadStreamPromise(entry))).toString();
    }
    throw brokenWheel(path, `with a member ${ending}`, 'none');
  } finally {
    zip.close();
  }
}

async function readContents(
  zip: ZipFile,
  wanted: (member: string) => boolean,
  path: string,
): Promise<{ members: Entry[]; record: Map<string, string> }> {
  const members: Entry[] = [];
  let recordEntry: Entry | undefined;
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('.dist-info/RECORD')) recordEntry = entry;
    else if (!entry.fileName.endsWith('/') && wanted(entry.fileName)) members.push(entry);
  }
  if (!recordEntry) throw brokenWheel(path, 'with its record of hashes', 'none');
  const text = (await buffer(await zip.openReadStreamPromise(recordEntry))).toString();
  // path,sha256=<base64url>,<bytes>
  const lines = text.matchAll(/^"?(.+?)"?,sha256=([\w-]+),\d*\r?$/gm);
  return { members, record: new Map([...lines].map(([, member, hash]) => [member as string, hash as string])) };
}

async function unpackMember(
  zip: ZipFile,
  member: Entry,
  target: string,
  advance: (bytes: number) => void,
): Promise<Buffer> {
  await mkdir(dirname(target), { recursive: true });
  const hash = createHash('sha256');
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      hash.update(chunk);
      advance(chunk.length);
      next(null, chunk);
    },
  });
  await pipeline(await zip.openReadStreamPromise(member), watch, createWriteStream(target));
  return hash.digest();
}

function brokenWheel(path: string, expected: string, received: string, cause?: unknown): DataError {
  const hint = 'The file is broken: download it again';
  return new DataError({ where: 'native install', argument: basename(path), expected, received, hint, cause });
}

function diskError(folder: string, cause: unknown): Error {
  const hint = 'Make room, or set LTML_CACHE to a folder on a larger disk';
  return installError('the disk', 'large enough for libtensorflow', `full, writing to ${folder}`, hint, cause);
}
