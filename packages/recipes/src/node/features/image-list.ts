import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Pictures } from '@ltml/data';
import { arePictureFiles } from '@ltml/data/node';
import { linesOfFile, writeFileAtomically } from '@ltml/tensor/node';

/** The image that a row of features belongs to. */
interface ListedImage {
  /** Key of the image in the data set. */
  readonly key: string;
  /** For files: absolute path, size in bytes, and time of the last change in ms. A changed file is not found again. */
  readonly path?: string;
  readonly size?: number;
  readonly modified?: number;
}

/** Lines written at a time. */
const linesAtOnce = 256;

/** Writes the images of the rows: one line of JSON each. */
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

/** Path, size and time of a file, which tell it from other files and from earlier versions. */
export async function stateOfFile(file: string): Promise<Required<Omit<ListedImage, 'key'>>> {
  const { size, mtimeMs } = await stat(file);
  return { path: resolve(file), size, modified: Math.floor(mtimeMs) };
}

/** Row numbers of files, by their {@link stateOfFile} as JSON. */
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
