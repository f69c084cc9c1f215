import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkChoice } from '@ltml/tensor';
import type { CheckedFact } from '../../expected-count.ts';
import type { PublishedFile } from '../../sets/published-file.ts';
import type { PublishedSet } from '../../sets/published-set.ts';
import { type PublishedSetName, publishedSets } from '../../sets/published-sets.ts';
import { checkRoots } from './find-pictures.ts';

/** Options of {@link checkPublishedFiles}. */
export interface CheckPublishedFilesOptions {
  /** The folder of the data set, or several. Files may also be in their direct subfolders. */
  readonly root: string | readonly string[];
  /** Called with the bytes read so far, the bytes of all files, and the current file. */
  readonly onProgress?: (done: number, all: number, file: string) => void;
}

const algorithms = { sha256: 'SHA-256', md5: 'MD5' } as const;

/**
 * Compares published archives and lists with their published sizes and checksums. Files that do not exist are skipped,
 * because archives are not needed after unpacking.
 *
 * @throws DataError unless each root is a folder; the system's error if a file cannot be read
 */
export async function checkPublishedFiles(
  name: PublishedSetName,
  options: CheckPublishedFilesOptions,
): Promise<readonly CheckedFact[]> {
  checkChoice('checkPublishedFiles', 'name', name, Object.keys(publishedSets) as PublishedSetName[]);
  const { files = [] } = publishedSets[name] as PublishedSet;
  return checkFiles(files, options);
}

/** The same for a given list of files. */
export async function checkFiles(
  files: readonly PublishedFile[],
  { root, onProgress }: CheckPublishedFilesOptions,
): Promise<readonly CheckedFact[]> {
  const roots = [root].flat();
  checkRoots('checkPublishedFiles', roots);
  const folders = (await Promise.all(roots.map(foldersOf))).flat();
  const found = (await Promise.all(files.map((file) => find(file, folders)))).flat();
  const sized = found.filter(({ file, size }) => file.size === undefined || file.size === size);
  const all = sized.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const facts: CheckedFact[] = [];
  for (const { file, path, size } of found) {
    const { name: what, algorithm } = file;
    if (file.size !== undefined && file.size !== size) {
      facts.push({ what, found: `${size} bytes`, expected: `${file.size} bytes`, holds: false });
      continue;
    }
    const hash = createHash(algorithm);
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      done += chunk.length;
      onProgress?.(done, all, what);
    }
    const holds = hash.digest('hex') === file.digest;
    const expected = `${algorithms[algorithm]} as published`;
    facts.push({ what, found: holds ? expected : `another ${algorithms[algorithm]}`, expected, holds });
  }
  return facts;
}

/** A folder and its direct subfolders. */
async function foldersOf(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  return [root, ...entries.flatMap((entry) => (entry.isDirectory() ? [join(root, entry.name)] : []))];
}

interface FoundFile {
  readonly file: PublishedFile;
  readonly path: string;
  readonly size: number;
}

/** The first file of that name in the folders. */
async function find(file: PublishedFile, folders: readonly string[]): Promise<readonly FoundFile[]> {
  for (const folder of folders) {
    const path = join(folder, file.name);
    const stats: Stats | undefined = await stat(path).catch(() => undefined);
    if (stats?.isFile()) return [{ file, path, size: stats.size }];
  }
  return [];
}
