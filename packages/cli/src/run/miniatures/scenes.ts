import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digitsLt, digitsLtSingle, type SceneSet, shareOfImages } from '@ltml/data';
import { RandomStream } from '@ltml/tensor';
import { sparseOf } from '@ltml/tensor/labels';
import sharp from 'sharp';

/** A scene of digits-lt as a file, and the classes that it shows. */
export interface SceneFile {
  readonly jpeg: Uint8Array;
  /** 0 … 19, or up to 29 where unseen classes are asked for. */
  readonly classes: readonly number[];
}

/** About so many scenes of training and of test, of which every class has some. */
export interface MiniatureScenes {
  /** Of the classes, those that training shows first. */
  readonly names: readonly string[];
  readonly train: readonly SceneFile[];
  readonly test: readonly SceneFile[];
}

/** Side of the pictures in pixels. */
export const side = 64;

/** @param unseenClasses whether test scenes show ten classes more, see `digitsLt` */
export async function miniatureScenes(unseenClasses = false): Promise<MiniatureScenes> {
  const { train, test } = await digitsLt({ unseenClasses });
  return { names: test.classes, train: await someOf(train, 24), test: await someOf(test, 12) };
}

/** The same with one class each. */
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

/** Files by their path in a folder. */
export type Files = Map<string, string | Uint8Array>;

/** Writes files, and the folders that they are in. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** One a line. */
export function lines(values: Iterable<string | number>): string {
  return [...values].map((value) => `${value}\n`).join('');
}
