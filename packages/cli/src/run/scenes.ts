import { join } from 'node:path';
import { digitsLt } from '@ltml/data';
import { UsageError } from '@ltml/recipes/usage-error';
import sharp from 'sharp';
import { makeFolder } from '../paths.ts';
import { printLines } from '../terminal.ts';

/** Writes the first test scenes of digits-lt, `scene-000.png` and so on, and prints what is in each. */
export async function writeScenes(directory: string, count: number): Promise<void> {
  const { classes, images, labels } = (await digitsLt({ unseenClasses: true })).test;
  if (count > images.length)
    throw new UsageError(`--count: should be at most ${images.length}, the test scenes there are`);
  makeFolder('data scenes', directory);
  const raw = { width: images.width, height: images.height, channels: 3 } as const;
  for (let i = 0; i < count; i++) {
    const file = join(directory, `scene-${String(i).padStart(3, '0')}.png`);
    await sharp(Buffer.from(await images.read(i)), { raw })
      .png()
      .toFile(file);
    const names = classes.filter((_, c) => labels.present[i * labels.columns + c] === 1);
    await printLines(`${file}  ${names.join(', ')}`);
  }
}
