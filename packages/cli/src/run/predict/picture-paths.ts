import { createInterface } from 'node:readline';
import { picturesOf } from '../pictures.ts';

/** Stands for paths on standard input, one a line. */
export const standardInput = '-';

/**
 * Checks that paths are there, and counts their pictures.
 *
 * @returns undefined where paths come from standard input
 * @throws UsageError if a path is not there or a folder has no pictures
 */
export function countPictures(paths: readonly string[]): number | undefined {
  let total = 0;
  for (const path of paths) if (path !== standardInput) for (const _ of picturesOf(path)) total++;
  return paths.includes(standardInput) ? undefined : total;
}

/** The pictures: files as they are given, those in folders and in the folders in them by name, and lines of `-`. */
export async function* picturePaths(paths: readonly string[]): AsyncGenerator<string, void, undefined> {
  for (const path of paths) {
    if (path !== standardInput) yield* picturesOf(path);
    else for await (const line of createInterface({ input: process.stdin })) if (line !== '') yield line;
  }
}
