import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digitsLt, digitsLtSingle, type SceneSet, shareOfImages } from '@ltml/data';
import { RandomStream } from '@ltml/tensor';
import { sparseOf } from '@ltml/tensor/labels';
import sharp from 'sharp';

/** A scene of digits-lt as a JPEG file, with its classes. */
export interface SceneFile {
  readonly jpeg: Uint8Array;
  /** Class indices: 0 to 19, or up to 29 with unseen classes. */
  readonly classes: readonly number[];
}

/** A few training and test scenes; every class has some. */
export interface MiniatureScenes {
  /** Class names; those of training come first. */
  readonly names: readonly string[];
  readonly train: readonly SceneFile[];
  readonly test: readonly SceneFile[];
}

/** Height and width of the pictures, in pixels. */
export const side = 64;

/** Multi-label scenes. @param unseenClasses whether test scenes show ten more classes, see `digitsLt` */
export async function miniatureScenes(unseenClasses = false): Promise<MiniatureScenes> {
  const { train, test } = await digitsLt({ unseenClasses });
  return { names: test.classes, train: await someOf(train, 24), test: await someOf(test, 12) };
}

/** Scenes with one class each. */
export async function singleScenes(): Promise<MiniatureScenes> {
  const { train, test } = await digitsLtSingle();
  return { names: test.classes, train: await someOf(train, 24), test: await someOf(test, 12) };
}

async function someOf({ labels, images }: SceneSet, count: number): Promise<readonly SceneFile[]> {
  const sparse = sparseOf(labels);
  const chosen = shareOfImages(sparse, count / labels.rows, new RandomStream(1));
  return Promise.all(
    Array.from(chosen, async (i) => {
      const { width, height, pixels } = await images.read(i);
      const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: 90 })
        .toBuffer();
      return { jpeg, classes: Array.from(sparse.row(i).present) };
    }),
  );
}

/** Contents of files by their path in a folder. */
export type Files = Map<string, string | Uint8Array>;

/** Writes files and makes their folders. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** Text with one value per line. */
export function lines(values: Iterable<string | number>): string {
  return [...values].map((value) => `${value}\n`).join('');
}
