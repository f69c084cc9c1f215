import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RandomStream } from '@ltml/tensor';
import sharp from 'sharp';

/** Number and size of the pictures. Many images of COCO have this size. */
export const loaderPictures = { count: 2000, height: 375, width: 500 } as const;

/** Folder of the generated pictures. They are kept for the next run. */
export const pictureFolder: string = join(tmpdir(), 'ltml-speed-pictures-1');

export function pictureName(index: number): string {
  return `${index}.jpg`;
}

/** Generates JPEGs with clouds, blots and noise. They have about 90 kB, like photographs of this size. */
export async function makePictures(): Promise<void> {
  if (existsSync(pictureFolder)) return;
  await mkdir(dirname(pictureFolder), { recursive: true });
  const unfinished = await mkdtemp(`${pictureFolder}-`);
  let next = 0;
  const make = async (): Promise<void> => {
    while (next < loaderPictures.count) {
      const index = next++;
      await makePicture(join(unfinished, pictureName(index)), new RandomStream(index));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, make));
  await rename(unfinished, pictureFolder);
}

async function makePicture(path: string, random: RandomStream): Promise<void> {
  const { height, width } = loaderPictures;
  const [clouds, blots, grain] = await Promise.all([
    noise(8, 6, random),
    noise(60, 45, random),
    noise(250, 188, random),
  ]);
  const pixels = clouds.map((level, at) =>
    Math.min(Math.max(0.5 * level + 0.3 * blots[at] + 0.35 * grain[at] - 10, 0), 255),
  );
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toFile(path);
}

/** Smooth noise: random levels on a coarse grid, enlarged. */
async function noise(columns: number, rows: number, random: RandomStream): Promise<Uint8Array> {
  const levels = new Uint8Array(columns * rows * 3);
  for (let at = 0; at < levels.length; at++) levels[at] = random.bits() >>> 24;
  const { height, width } = loaderPictures;
  return sharp(levels, { raw: { width: columns, height: rows, channels: 3 } })
    .resize(width, height, { kernel: 'cubic', fit: 'fill' })
    .raw()
    .toBuffer();
}
