import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Those of the files that a folder lacks, in their order. Each folder is listed once, and no file is opened.
 *
 * @param files paths in the directory, divided by `/`
 */
export async function missingFiles(directory: string, files: readonly string[]): Promise<string[]> {
  const listed = new Map<string, ReadonlySet<string>>();
  const missing: string[] = [];
  for (const file of files) {
    const folder = dirname(file);
    let names = listed.get(folder);
    if (!names) {
      names = new Set(await readdir(join(directory, folder)).catch(() => []));
      listed.set(folder, names);
    }
    if (!names.has(basename(file))) missing.push(file);
  }
  return missing;
}
