import { readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { UsageError } from '@ltml/recipes/usage-error';

const pictures = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp']);

/** The picture, or all pictures in a folder and its subfolders, by name. @throws UsageError as {@link picturesOf} */
export function picturesIn(path: string): string[] {
  return [...picturesOf(path)];
}

/**
 * Like {@link picturesIn}, one after the other while folders are read.
 *
 * @throws UsageError if a path does not exist or a folder has no pictures
 */
export function* picturesOf(path: string): Generator<string, void, undefined> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new UsageError(`${path}: no such file or folder`);
  if (!stats.isDirectory()) return yield path;
  let isEmpty = true;
  for (const picture of picturesBelow(path)) {
    isEmpty = false;
    yield picture;
  }
  if (isEmpty) throw new UsageError(`${path}: no pictures in it (${[...pictures].join(', ')})`);
}

/** Holds only one folder and its parents in memory. The order is that of sorted paths. */
function* picturesBelow(folder: string): Generator<string, void, undefined> {
  const entries = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const isFolder = entry.isDirectory();
    return { name: entry.name, isFolder, order: isFolder ? `${entry.name}/` : entry.name };
  });
  entries.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  for (const { name, isFolder } of entries) {
    const path = join(folder, name);
    if (isFolder) yield* picturesBelow(path);
    else if (pictures.has(extname(name).toLowerCase())) yield path;
  }
}
