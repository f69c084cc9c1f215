import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream } from '@ltml/tensor';
import sharp from 'sharp';

/** A new folder of pictures in several formats and sizes, some of them turned by EXIF: the names of its files. */
export async function pictureFiles(count: number): Promise<{ readonly root: string; readonly files: string[] }> {
  const root = await mkdtemp(join(tmpdir(), 'ltml-pool-'));
  const random = new RandomStream(5);
  const files: string[] = [];
  for (let i = 0; i < count; i++) {
    const [width, height] = [40 + random.integer(60), 40 + random.integer(60)];
    const picture = sharp(smooth(width, height, random), { raw: { width, height, channels: 3 } });
    const file = `${i}.${['jpg', 'png', 'webp'][i % 3]}`;
    const turned = i % 3 === 0 ? picture.withMetadata({ orientation: 1 + (i % 8) }) : picture;
    await turned.toFile(join(root, file));
    files.push(file);
  }
  return { root, files };
}

/** Waves of colour, which a JPEG keeps well. */
export function smooth(width: number, height: number, random: RandomStream): Uint8Array {
  const [x, y, shift] = [random.uniform(0.02, 0.2), random.uniform(0.02, 0.2), random.uniform(0, 6)];
  return Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const place = Math.floor(at / 3);
    return 128 + 120 * Math.sin(x * (place % width) + y * Math.floor(place / width) + shift + (at % 3));
  });
}
