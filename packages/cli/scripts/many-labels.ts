// Takes labels of the size of iNaturalist 2018 and of Open Images v4 through all that a run does with them, and prints time and
// memory after each step: node --expose-gc --import tsx packages/cli/scripts/many-labels.ts [inat18 | open-images]
//
// Pictures are numbers, and a network is a product with a matrix: what is left is what labels take. Scores of evaluated images are
// 4 bytes for each image and class, as every metric takes them; Open Images are evaluated on 10,000 of the test images.
import { parseArgs } from 'node:util';
import {
  BatchLoader,
  ClassAwareSampler,
  ClassBalancedSampler,
  type InputSource,
  indexByClass,
  type Sampler,
  shareOfImages,
  UniformSampler,
} from '@ltml/data';

import { openImagesReport, type Scores, shotAccuracy } from '@ltml/metrics';
import { RandomStream } from '@ltml/tensor';
import { classStatistics, frequencyGroups, type SparseLabels } from '@ltml/tensor/labels';
import { evaluate, type Scorer } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { LabelRows } from '../../data/src/label-rows.ts';
import { holdOut } from '../../recipes/src/build/hold-out.ts';
import { startEngine } from '../src/engine.ts';

interface Size {
  readonly images: number;
  readonly classes: number;
  readonly tested: number;
  /** Labels of an image: one, or some that are present and some that are absent. */
  readonly kind: 'single' | 'some';
}

const sizes: Readonly<Record<string, Size>> = {
  inat18: { images: 437_513, classes: 8142, tested: 24_426, kind: 'single' },
  'open-images': { images: 9_011_219, classes: 7186, tested: 10_000, kind: 'some' },
};

/** Few classes are frequent, as in a long tail, and none is without an image. */
function labelsOf({ classes, kind }: Size, images: number, random: RandomStream): SparseLabels {
  const rows = new LabelRows(classes);
  for (let i = 0; i < images; i++) {
    const draw = (): number => Math.floor(classes * random.uniform() ** 3);
    const first = i < classes ? i : draw();
    if (kind === 'single') rows.push({ present: [first], absent: 'rest' });
    else {
      const others = new Set([draw(), draw()].filter((c) => c !== first));
      rows.push({ present: [first], absent: Int32Array.from(others).sort() });
    }
  }
  return rows.labels();
}

/** 16 numbers an image. */
const width = 16;
const inputsOf = (length: number): InputSource => ({
  length,
  shape: [width],
  read: async (indices) => Float32Array.from({ length: indices.length * width }, (_, i) => Math.sin(i)),
});

let last = performance.now();

/** Prints what was done, and begins anew. */
function tell(step: string): void {
  const seconds = ((performance.now() - last) / 1000).toFixed(1);
  globalThis.gc?.();
  const megabytes = (process.memoryUsage().rss / 1e6).toFixed(0);
  const most = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  console.log(
    `  ${step.padEnd(38)} ${seconds.padStart(6)} s  ${megabytes.padStart(6)} MB now  ${most.padStart(6)} MB at most`,
  );
  last = performance.now();
}

async function twoBatches(labels: SparseLabels, sampler: Sampler): Promise<void> {
  const dataset = { name: 'many', classes: [], labels, inputs: inputsOf(labels.rows) };
  const loader = new BatchLoader({ dataset, sampler, batchSize: 32 });
  let count = 0;
  for await (const { inputs, labels: dense, known } of loader.epoch()) {
    tf.dispose([inputs, dense, known]);
    if (++count === 2) break;
  }
}

async function scoresOf(labels: SparseLabels): Promise<Scores> {
  const weight = tf.randomNormal<tf.Rank.R2>([width, labels.columns], 0, 1, 'float32', 1);
  const scorer: Scorer = {
    training: false,
    train: () => scorer as never,
    eval: () => scorer as never,
    predict: (inputs) => tf.matMul(inputs as tf.Tensor2D, weight),
  };
  const dataset = { name: 'test', classes: [], labels, inputs: inputsOf(labels.rows) };
  const scores = await evaluate(scorer, dataset, { batchSize: 256 });
  weight.dispose();
  return scores;
}

async function go(name: string, size: Size): Promise<void> {
  console.log(`${name}: ${size.images} images, ${size.classes} classes`);
  last = performance.now();
  tell('nothing yet');
  const random = new RandomStream(1);
  const labels = labelsOf(size, size.images, random);
  tell('labels');
  const { classCounts } = classStatistics(labels);
  const groups = frequencyGroups(classCounts, { headFrom: 101, tailBelow: 20 });
  tell('class counts and groups');
  const images = {
    length: labels.rows,
    key: String,
    read: async () => ({ height: 1, width: 1, pixels: new Uint8Array(3) }),
  };
  const set = { name, classes: classCounts.map(String), labels, images };
  const { train } = holdOut(set, { share: 0.05, seed: 0 });
  tell('5 % held out, stratified');
  shareOfImages(labels, 0.02, new RandomStream(2));
  tell('a share of 2 %');
  await twoBatches(train.labels, new UniformSampler({ length: train.labels.rows, random: new RandomStream(3) }));
  tell('two batches of 32, drawn uniformly');
  const options = { indexByClass: indexByClass(train.labels), random: new RandomStream(4) };
  tell('images by class');
  await twoBatches(train.labels, new ClassBalancedSampler(options));
  tell('two batches, classes alike');
  await twoBatches(train.labels, new ClassAwareSampler({ ...options, epochLength: 1_000_000 }));
  tell('two batches, class-aware');
  const tested = await scoresOf(labelsOf(size, size.tested, random));
  tell(`scores of ${size.tested} images`);
  if (size.kind === 'single') {
    const of = Array.from({ length: tested.rows }, (_, i) =>
      tested.present.subarray(i * tested.columns, (i + 1) * tested.columns).indexOf(1),
    );
    shotAccuracy(tested, of, groups);
  } else openImagesReport(tested, { unseen: Array.from({ length: 400 }, (_, c) => c), k: [10, 20] });
  tell('metrics');
}

const { positionals } = parseArgs({ allowPositionals: true });
console.log(await startEngine(undefined));
for (const [name, size] of Object.entries(sizes)) {
  if (positionals.length === 0 || positionals.includes(name)) await go(name, size);
}
