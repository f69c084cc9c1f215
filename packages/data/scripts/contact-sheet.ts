// Draws docs/images/digits-lt.png: training scenes of digits-lt above, test scenes in the middle, source scenes below.
//   node --import tsx packages/data/scripts/contact-sheet.ts
import { mkdirSync, writeFileSync } from 'node:fs';
import { encode } from 'fast-png';
import { digitsLt, digitsSource, type SceneSet } from '../src/index.ts';

const columns = 12;
const rowsEach = 2;
/** Pixels from one scene to the next, and from one set to the next. */
const cell = 64 + 1;
const block = rowsEach * cell + 3;
const { train, test } = await digitsLt();
const source = await digitsSource({ trainScenes: columns * rowsEach, validationScenes: 1 });
const sets: SceneSet[] = [train, test, source.train];

const width = columns * cell;
const height = sets.length * block;
const sheet = new Uint8Array(width * height * 3).fill(255);
for (const [s, { images }] of sets.entries()) {
  for (let i = 0; i < columns * rowsEach; i++) {
    const left = (i % columns) * cell;
    const top = s * block + Math.floor(i / columns) * cell;
    const { pixels } = await images.read(i);
    for (let y = 0; y < 64; y++) {
      sheet.set(pixels.subarray(y * 64 * 3, (y + 1) * 64 * 3), ((top + y) * width + left) * 3);
    }
  }
}
const folder = new URL('../../../docs/images/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('digits-lt.png', folder), encode({ width, height, data: sheet, channels: 3, depth: 8 }));
