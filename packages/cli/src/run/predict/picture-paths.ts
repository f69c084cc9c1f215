import { createInterface } from 'node:readline';
import { picturesOf } from '../pictures.ts';

/** The path that means: read paths from standard input, one per line. */
export const standardInput = '-';

/**
 * Checks that paths exist, and counts their pictures.
 *
 * @returns undefined if paths come from standard input
 * @throws UsageError if a path does not exist or a folder has no pictures
 */
export function countPictures(paths: readonly string[]): number | undefined {
  let total = 0;
  for (const path of paths) if (path !== standardInput) for (const _ of picturesOf(path)) total++;
  return paths.includes(standardInput) ? undefined : total;
}

/**
 * The paths of all pictures: given files, pictures in folders and their subfolders by name, and lines of standard input
 * for `-`.
 */
export async function* picturePaths(paths: readonly string[]): AsyncGenerator<string, void, undefined> {
  for (const path of paths) {
    if (path !== standardInput) yield* picturesOf(path);
    else for await (const line of createInterface({ input: process.stdin })) if (line !== '') yield line;
  }
}
