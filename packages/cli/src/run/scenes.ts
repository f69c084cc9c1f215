import { join } from 'node:path';
import { digitsLt } from '@ltml/data';
import { UsageError } from '@ltml/recipes/usage-error';
import sharp from 'sharp';
import { makeFolder } from '../paths.ts';
import { printLines } from '../terminal.ts';
import { writeMiniature } from './miniatures/miniatures.ts';
import { writeOwnPictures } from './own-pictures.ts';

/** Writes the first test scenes of digits-lt as `scene-000.png` and so on, and prints the labels of each. */
export async function writeScenes(directory: string, count: number): Promise<void> {
  const { classes, images, labels } = (await digitsLt({ unseenClasses: true })).test;
  if (count > images.length)
    throw new UsageError(`--count: should be at most ${images.length}, the number of test scenes`);
  makeFolder('data scenes', directory);
  for (let i = 0; i < count; i++) {
    const file = join(directory, `scene-${String(i).padStart(3, '0')}.png`);
    const { width, height, pixels } = await images.read(i);
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(file);
    const names = classes.filter((_, c) => labels.present[i * labels.columns + c] === 1);
    await printLines(`${file}  ${names.join(', ')}`);
  }
}

/** Writes pictures and a table with their labels, see {@link writeOwnPictures}. */
export async function writeTable(directory: string, count: number, broken: number): Promise<void> {
  makeFolder('data scenes', directory);
  const rows = await writeOwnPictures(directory, count, broken);
  await printLines(`${rows.length} pictures, with their labels in ${join(directory, 'labels.csv')}`);
}

/** Writes a miniature of a published data set, see {@link writeMiniature}. */
export async function writeAs(directory: string, set: string): Promise<void> {
  makeFolder('data scenes', directory);
  await printLines(`${await writeMiniature(directory, set)} files in the layout of ${set}`);
}
