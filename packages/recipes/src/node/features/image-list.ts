import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Pictures } from '@ltml/data';
import { arePictureFiles } from '@ltml/data/node';
import { linesOfFile, writeFileAtomically } from '@ltml/tensor/node';

/** What a row of features is of. */
interface ListedImage {
  /** What the data set calls it. */
  readonly key: string;
  /** Of a file, by which it is found again: whole path, size in bytes, time of the last change. */
  readonly path?: string;
  readonly size?: number;
  readonly modified?: number;
}

/** Lines that are written at a time. */
const linesAtOnce = 256;

/** Writes what the rows of features are, a line of JSON for each image. */
export function writeImageList(folder: string, images: Pictures): Promise<void> {
  return writeFileAtomically(join(folder, 'images.jsonl'), linesOf(images));
}

async function* linesOf(images: Pictures): AsyncGenerator<string> {
  const listed = async (index: number): Promise<ListedImage> => {
    const key = images.key(index);
    return arePictureFiles(images) ? { key, ...(await stateOfFile(images.path(index))) } : { key };
  };
  for (let start = 0; start < images.length; start += linesAtOnce) {
    const count = Math.min(linesAtOnce, images.length - start);
    const lines = await Promise.all(Array.from({ length: count }, (_, i) => listed(start + i)));
    yield lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  }
}

/** By which a file is told from others, and from itself before a change. */
export async function stateOfFile(file: string): Promise<Required<Omit<ListedImage, 'key'>>> {
  const { size, mtimeMs } = await stat(file);
  return { path: resolve(file), size, modified: Math.floor(mtimeMs) };
}

/** Rows of files by {@link stateOfFile} as JSON. */
export async function readImageList(folder: string): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  let row = 0;
  for await (const lines of linesOfFile(join(folder, 'images.jsonl'))) {
    for (const line of lines) {
      const { path, size, modified } = JSON.parse(line) as ListedImage;
      if (path !== undefined) rows.set(JSON.stringify({ path, size, modified }), row);
      row++;
    }
  }
  return rows;
}
