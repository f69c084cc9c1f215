// Draws docs/images/augmentation.png: training scenes of digits-lt as they are, and what becomes of them, a row each.
//   node --import tsx packages/data/scripts/augmentation.ts
import { writeFileSync } from 'node:fs';
import { type Picture, type Pipeline, resolvePipeline, toBytes } from '@ltml/images';
import { RandomStreams } from '@ltml/tensor';
import { encode } from 'fast-png';
import { cutmix, digitsLt, type ImageBatch, itemStreams, mixup } from '../src/index.ts';

const columns = 12;
/** Pixels from one scene to the next. */
const cell = 64 + 1;
const size = 64 * 64 * 3;
const random = new RandomStreams(3);
const { images } = (await digitsLt()).train;
const plain: Picture[] = [];
for (let i = 0; i < columns; i++) plain.push(await images.read(40 * i));

function through(pipeline: Pipeline): Picture[] {
  const transform = resolvePipeline(pipeline);
  const streams = itemStreams(random, 0);
  return plain.map((picture, row) => transform(picture, streams(row)));
}

function mixed(mix: ReturnType<typeof mixup>): Picture[] {
  const values = new Float32Array(columns * size);
  for (const [row, { pixels }] of plain.entries()) values.set(pixels, row * size);
  const none = { columns: 0, labels: new Float32Array(0), known: new Float32Array(0) };
  const batch: ImageBatch = { rows: columns, height: 64, width: 64, values, ...none };
  const made = mix(batch, (row) => random.derive('mix', 0, row)).values;
  return plain.map((picture, row) => ({ ...picture, pixels: made.subarray(row * size, (row + 1) * size) }));
}

const rows = [
  plain,
  through([{ name: 'trivialAugment' }]),
  through([{ name: 'randomErasing', probability: 1 }]),
  mixed(mixup({ alpha: 1 })),
  mixed(cutmix()),
];
const [width, height] = [columns * cell, rows.length * cell];
const sheet = new Uint8Array(width * height * 3).fill(255);
for (const [r, pictures] of rows.entries()) {
  for (const [c, picture] of pictures.entries()) {
    const { pixels } = toBytes(picture);
    for (let y = 0; y < 64; y++) {
      sheet.set(pixels.subarray(y * 64 * 3, (y + 1) * 64 * 3), ((r * cell + y) * width + c * cell) * 3);
    }
  }
}
const file = new URL('../../../docs/images/augmentation.png', import.meta.url);
writeFileSync(file, encode({ width, height, data: sheet, channels: 3, depth: 8 }));
