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

/** Called with the bytes unpacked so far, and in total. */
export type Progress = (done: number, total: number) => void;

/**
 * Version of a wheel from its file name: `tensorflow_cpu-2.21.0-cp311-….whl` → 2.21.0. @throws NotSupportedError for
 * another name
 */
export function wheelVersion(path: string): string {
  const version = /^[^-]+-([^-]+)-.*\.whl$/.exec(basename(path))?.[1];
  if (version) return version;
  const hint = 'Give the wheel under its original name, which has the version';
  throw installError('--from', 'a wheel named like tensorflow_cpu-2.21.0-….whl', basename(path), hint);
}

/**
 * Unpacks some files of a wheel, and checks each against the sha256 in the wheel's own record. Files are streamed,
 * since the libraries have up to 788 MB.
 *
 * @param wanted whether to unpack a file
 * @returns sha256 in hex of each unpacked file, by path in the folder
 * @throws DataError for a damaged wheel
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
      if (!expected) throw brokenWheel(path, 'a wheel with the hash of each file', `no hash of ${member.fileName}`);
      const advance = (bytes: number): void => {
        done += bytes;
        progress(done, total);
      };
      const hash = await unpackMember(zip, member, join(folder, member.fileName), advance).catch((error) => {
        throw error.code === 'ENOSPC' ? diskError(folder, error) : brokenWheel(path, 'intact', error.message, error);
      });
      if (hash.toString('base64url') !== expected) {
        throw brokenWheel(path, `intact, with the recorded sha256 of ${member.fileName}`, 'another sha256');
      }
      hashes[member.fileName] = hash.toString('hex');
    }
    return hashes;
  } finally {
    zip.close();
  }
}

/** The text of a small file in a wheel whose path has this ending, e.g. `.dist-info/METADATA`. */
export async function readMember(path: string, ending: string): Promise<string> {
  const zip = await openPromise(path, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith(ending)) return (await buffer(await zip.openReadStreamPromise(entry))).toString();
    }
    throw brokenWheel(path, `a wheel with a file ${ending}`, 'none');
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
  if (!recordEntry) throw brokenWheel(path, 'a wheel with a record of hashes', 'none');
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
  const hint = 'The file is damaged: download it again';
  return new DataError({ where: 'native install', argument: basename(path), expected, received, hint, cause });
}

function diskError(folder: string, cause: unknown): Error {
  const hint = 'Free some space, or set LTML_CACHE to a folder on a larger disk';
  return installError('the disk', 'large enough for libtensorflow', `full, writing to ${folder}`, hint, cause);
}
