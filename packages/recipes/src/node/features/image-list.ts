import { join } from 'node:path';
import type { Pictures } from '@ltml/data';
import { writeFileAtomically } from '@ltml/tensor/node';

/** Lines that are written at a time. */
const linesAtOnce = 1024;

/** Writes what the rows of features are: a line for each image, its key as JSON. */
export function writeImageList(folder: string, images: Pictures): Promise<void> {
  return writeFileAtomically(join(folder, 'images.jsonl'), linesOf(images));
}

function* linesOf(images: Pictures): Generator<string> {
  for (let start = 0; start < images.length; start += linesAtOnce) {
    const count = Math.min(linesAtOnce, images.length - start);
    yield Array.from({ length: count }, (_, i) => `${JSON.stringify(images.key(start + i))}\n`).join('');
  }
}
