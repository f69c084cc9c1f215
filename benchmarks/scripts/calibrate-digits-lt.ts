// How hard should digits-lt be? Trains a linear head with BCE alone on the features of the frozen resnet-tiny, by the
// protocol of the quick suite, on scenes of several difficulties, and prints the table of docs/digits-lt.md.
//   node --import tsx benchmarks/scripts/calibrate-digits-lt.ts [candidate …]
// Wanted: head mAP 70 to 85, tail at least 25 points lower. No other method may have a say in the choice.
import { loadResnetTiny } from '@ltml/backbone/node';
import { type Difficulty, digitsLt, digitsLtDifficulty } from '@ltml/data';
import { useBackend } from '@ltml/engines';
import { RandomStreams } from '@ltml/tensor';
import { cacheFeatures } from '@ltml/train';
import type * as tf from '@tensorflow/tfjs-core';
import { asDataset } from '../src/quality/digits-parts.ts';
import { lossRows } from '../src/quality/long-tail/losses.ts';
import { protocols } from '../src/quality/long-tail/protocol.ts';
import { trainLoss } from '../src/quality/long-tail/track.ts';
import type { Measures } from '../src/quality/track.ts';

const learningRate = 3e-2;
const seeds = [1, 2, 3];

/** Changes to the chosen difficulty, one idea each. */
const candidates: Readonly<Record<string, Partial<Difficulty>>> = {
  chosen: {},
  'no distractors': { distractors: [0, 0] },
  'black and white distractors only': { distractorInks: ['black', 'white'] },
  '1 to 3 distractors': { distractors: [1, 3] },
  'smaller digits, from 14 px': { scale: [14, 30] },
  'rotation up to 33 degrees': { rotation: 0.3 },
  'less ink variation, 12': { inkVariation: 12 },
  'more ink variation, 40': { inkVariation: 40 },
  'more texture, 40': { texture: 40 },
};

await useBackend('auto');
const encoder = await loadResnetTiny();
console.log('| difficulty | total | head | medium | tail | head − tail |\n|---|---|---|---|---|---|');
const chosen = process.argv.slice(2);
for (const [name, difficulty] of Object.entries(candidates)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const runs = await run(difficulty);
  const mean = (group: string): number => (100 * runs.reduce((sum, run) => sum + run[group], 0)) / runs.length;
  const cells = [mean('total'), mean('head'), mean('medium'), mean('tail'), mean('head') - mean('tail')];
  console.log(`| ${name} | ${cells.map((cell) => cell.toFixed(1)).join(' | ')} |`);
}
encoder.dispose();

async function run(difficulty: Partial<Difficulty>): Promise<Measures[]> {
  const protocol = protocols.quick;
  const { train, test } = await digitsLt({ difficulty: { ...digitsLtDifficulty, ...difficulty } });
  const encode = (images: tf.Tensor): tf.Tensor => encoder.forward(images).features;
  const parts = {
    features: encoder.featureCount,
    train: await cacheFeatures(encode, asDataset(train), { views: protocol.views, random: new RandomStreams(0) }),
    test: await cacheFeatures(encode, asDataset(test)),
  };
  const runs: Measures[] = [];
  for (const seed of seeds) runs.push((await trainLoss(lossRows.bce, parts, protocol, learningRate, seed)).measures);
  return runs;
}
