import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

const classes = ['red', 'green', 'blue'];

/**
 * Pictures of stripes in three colours: `labels.csv` says which an image has, and `ID/SPLIT/CLASS` holds images of one colour
 * each. A stripe is where its colour is.
 *
 * @param side in pixels
 * @param counts images of training and of test
 */
export async function writeTinyPictures(
  root: string,
  side: number,
  [train, test]: readonly [number, number],
): Promise<void> {
  const rows = ['path,labels,split'];
  for (let i = 0; i < train + test; i++) {
    const split = i < train ? 'train' : 'test';
    const present = classes.filter((_, c) => (i + 1) & (1 << c) || i % 3 === c);
    const file = `all/${i}.png`;
    await write(join(root, file), side, i, present);
    rows.push(`${file},${present.join(';')},${split}`);
    const [own] = [classes[i % 3]];
    await write(join(root, 'single', split, own, `${i}.png`), side, i, [own]);
  }
  writeFileSync(join(root, 'labels.csv'), `${rows.join('\n')}\n`);
}

async function write(path: string, side: number, seed: number, present: readonly string[]): Promise<void> {
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) => {
    const stripe = Math.floor((3 * (Math.floor(at / 3) % side)) / side);
    const isLit = at % 3 === stripe && present.includes(classes[stripe]);
    return (isLit ? 210 : 50) + ((at * 31 + seed * 17) % 23);
  });
  mkdirSync(dirname(path), { recursive: true });
  await sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).toFile(path);
}
