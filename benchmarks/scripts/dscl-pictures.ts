// Draws docs/images/dscl-gradient-ratio.svg and docs/images/dscl-retrieval.png: figures 2 and 4 of the paper, for the
// suite `single-label`. First it trains SCL and DSCL + PBSD for the given number of epochs.
//   node --import tsx benchmarks/scripts/dscl-pictures.ts [epochs]
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resnetTinyStatistics } from '@ltml/backbone';
import {
  contrastiveViews,
  digitsLtSingle,
  type InputParts,
  type ItemStreams,
  itemStreams,
  type SceneSet,
} from '@ltml/data';
import { type Dscl, gradientRatio, type LabelledKeys } from '@ltml/dscl';
import { useBackend } from '@ltml/engines';
import { type BuiltRecipe, build, readRecipe, resolve } from '@ltml/recipes/node';
import { axis, ink, renderSvg } from '@ltml/report';
import { RandomStream, RandomStreams, roiAlignMean } from '@ltml/tensor';
import type { Views } from '@ltml/tensor/contract';
import { classStatistics, frequencyGroups } from '@ltml/tensor/labels';
import { fit } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { encode } from 'fast-png';

await useBackend('auto');
const epochs = Number(process.argv[2] ?? 40);
const viewSize = 32;
const folder = new URL('../../docs/images/', import.meta.url);
const sets = await digitsLtSingle();
const { classCounts } = classStatistics(sets.train.labels);
const groups = frequencyGroups(classCounts, { headFrom: 101 });
const classOf = ({ labels: { present, columns } }: SceneSet, image: number): number =>
  present.subarray(image * columns, (image + 1) * columns).indexOf(1);

/** A learner after the first stage, and its image pipelines. */
interface Pretrained {
  readonly learner: Dscl;
  readonly pipelines: BuiltRecipe['pipelines'];
  readonly ratios: number[][];
}

/** Two views and some patches of images, as tensors. */
async function readViews({ learner, pipelines }: Pretrained, set: SceneSet, images: readonly number[], seed: number) {
  const source = contrastiveViews(set.images, {
    ...learner.views,
    statistics: resnetTinyStatistics,
    mirror: false,
    ...(pipelines.views && {
      views: pipelines.views.boxes,
      queryColours: pipelines.views.query,
      keyColours: pipelines.views.key,
    }),
  });
  return viewTensors(source, images, itemStreams(new RandomStreams(seed), 0));
}

async function viewTensors(
  source: InputParts,
  images: readonly number[],
  streams?: ItemStreams,
): Promise<Required<Views>> {
  const views = Object.entries(await source.read(images, streams));
  const tensors = views.map(([name, values]) => [name, tf.tensor(values, [images.length, ...source.shape[name]])]);
  return Object.fromEntries(tensors) as Required<Views>;
}

/** The mean gradient ratio of each class over its training images, with the learner's queue or with other keys. */
async function ratiosByClass(
  trained: Pretrained,
  loss: 'scl' | 'dscl',
  queue: LabelledKeys = trained.learner.queue.contents,
): Promise<number[]> {
  const { learner } = trained;
  const sums = new Float64Array(classCounts.length);
  const counts = new Float64Array(classCounts.length);
  for (let start = 0; start < sets.train.images.length; start += 100) {
    const images = Array.from({ length: Math.min(100, sets.train.images.length - start) }, (_, i) => start + i);
    const classes = images.map((image) => classOf(sets.train, image));
    const { query, key } = await readViews(trained, sets.train, images, start);
    const ratios = tf.tidy(() => {
      const labels = tf.tensor1d(classes, 'int32');
      return gradientRatio(learner.query.forward(query), learner.key.forward(key), labels, queue, { loss }).dataSync();
    });
    for (const [i, ratio] of ratios.entries()) {
      // An anchor without positives in the queue has no ratio.
      if (!Number.isFinite(ratio)) continue;
      sums[classes[i]] += ratio;
      counts[classes[i]]++;
    }
  }
  return Array.from(sums, (sum, c) => (counts[c] > 0 ? sum / counts[c] : Number.NaN));
}

/** Keys of K random training images. A queue of this length would hold such keys if the network no longer changed. */
async function drawQueue(trained: Pretrained, K: number): Promise<LabelledKeys> {
  const random = new RandomStream(K);
  const images = Array.from({ length: K }, () => random.integer(sets.train.images.length));
  const parts: tf.Tensor2D[] = [];
  for (let start = 0; start < K; start += 128) {
    const { key } = await readViews(trained, sets.train, images.slice(start, start + 128), start);
    parts.push(tf.tidy(() => trained.learner.key.forward(key)));
  }
  const labels = tf.tensor1d(
    images.map((image) => classOf(sets.train, image)),
    'int32',
  );
  return { keys: tf.concat2d(parts, 0), labels, classes: classCounts.length };
}

/**
 * Trains the first stage of a row. Measures the ratios after the first epoch (when the queue contains keys of this
 * network) and after the last.
 */
async function pretrain(row: 'scl' | 'dscl-pbsd'): Promise<Pretrained> {
  const file = fileURLToPath(new URL(`../../packages/dscl/recipes/digits/full/${row}.yaml`, import.meta.url));
  const { value, locate } = readRecipe(file, [
    `method.options.pretrain.epochs=${epochs}`,
    `method.options.pretrain.schedule.warmup.epochs=${epochs / 20}`,
    'method.options.classify.epochs=1',
  ]);
  const { loader, stageLoaders, random, pipelines, ...built } = await build(await resolve(value, locate), { locate });
  const learner = built.learner as Dscl;
  const loss = row === 'scl' ? 'scl' : 'dscl';
  const ratios: number[][] = [];
  const trained = { learner, pipelines, ratios };
  const measure = async (): Promise<void> => {
    learner.eval();
    ratios.push(await ratiosByClass(trained, loss));
    learner.train();
  };
  await fit({
    learner,
    loader,
    stageLoaders,
    random,
    observers: [
      {
        onEpoch: async ({ stage, epoch }) => {
          if (stage === 'pretrain' && (epoch === 0 || epoch === epochs - 1)) await measure();
        },
      },
    ],
  });
  learner.eval();
  return trained;
}

const scl = await pretrain('scl');
const decoupled = await pretrain('dscl-pbsd');

/**
 * How the ratio depends on the length of the queue: means over the classes of each group that have positives in the
 * queue.
 */
for (const [loss, trained] of [['scl', scl] as const, ['dscl', decoupled] as const]) {
  for (const K of [160, 640, 2560]) {
    const ratios = await ratiosByClass(trained, loss, await drawQueue(trained, K));
    const means = (['head', 'medium', 'tail'] as const).map((group) => {
      const known = groups[group].map((c) => ratios[c]).filter(Number.isFinite);
      return `${group} ${(known.reduce((sum, ratio) => sum + ratio, 0) / known.length).toFixed(3)}`;
    });
    console.log(`${loss}, ${K} keys: own view / class ${means.join(', ')}`);
  }
}

const order = [...classCounts.keys()].sort((a, b) => classCounts[b] - classCounts[a]);
const series = [
  ['SCL, first epoch', scl.ratios[0], '#4f9fe0', 'dashed'],
  ['SCL, last epoch', scl.ratios[1], '#4f9fe0', 'solid'],
  ['DSCL, first epoch', decoupled.ratios[0], '#e0533d', 'dashed'],
  ['DSCL, last epoch', decoupled.ratios[1], '#e0533d', 'solid'],
] as const;
const chart = {
  width: 760,
  height: 420,
  option: {
    legend: { top: 0, textStyle: { color: ink } },
    grid: { left: 70, right: 20, top: 50, bottom: 60 },
    xAxis: axis({
      type: 'log',
      inverse: true,
      min: 2,
      max: 400,
      name: 'training images of the class',
      nameLocation: 'middle',
      nameGap: 32,
    }),
    yAxis: axis({ type: 'log', name: 'own view / class', nameLocation: 'end' }),
    series: series.map(([name, values, color, type]) => ({
      name,
      type: 'line',
      color,
      lineStyle: { type },
      data: order.map((c) => [classCounts[c], values[c]]).filter(([, value]) => Number.isFinite(value)),
    })),
  },
};
// A separate SVG file cannot inherit the text colour of a page.
const svg = renderSvg(chart, 'How much of the pull on an anchor comes from its own view, by class').html.replaceAll(
  'currentColor',
  '#667',
);
writeFileSync(new URL('dscl-gradient-ratio.svg', folder), svg);

/** Unit vectors of whole images. */
async function embed(learner: Dscl, set: SceneSet): Promise<tf.Tensor2D> {
  const parts: tf.Tensor2D[] = [];
  for (let start = 0; start < set.images.length; start += 100) {
    const images = Array.from({ length: Math.min(100, set.images.length - start) }, (_, i) => start + i);
    // Without a random stream the views are whole images.
    const source = contrastiveViews(set.images, { ...learner.views, statistics: resnetTinyStatistics });
    const { query } = await viewTensors(source, images);
    parts.push(tf.tidy(() => learner.query.forward(query)));
  }
  return tf.concat2d(parts, 0);
}

/** The box of the labelled digit of an image, in pixels of a view of the whole image. */
function digitBox(set: SceneSet, image: number): [number, number, number, number] {
  const scale = viewSize / 64;
  const { x, y, scale: size } = set.scenes[image].find(({ labelled }) => labelled) as (typeof set.scenes)[0][0];
  return [x - size / 2, y - size / 2, x + size / 2, y + size / 2].map((edge) =>
    Math.min(Math.max(edge * scale, 0), viewSize),
  ) as [number, number, number, number];
}

/** For each region around the digit of a test image, the three most similar training images. */
async function retrieve(learner: Dscl, images: readonly number[]): Promise<number[][]> {
  const gallery = await embed(learner, sets.train);
  const source = contrastiveViews(sets.test.images, { ...learner.views, statistics: resnetTinyStatistics });
  const { query } = await viewTensors(source, images);
  const nearest = tf.tidy(() => {
    const { featureMap } = learner.query.encoder.forward(query);
    const boxes = tf.tensor3d(images.map((image) => [digitBox(sets.test, image)]));
    const scale = featureMap.shape[1] / viewSize;
    const regions = tf.reshape(learner.query.head.forward(roiAlignMean(featureMap, boxes, { scale })), [
      images.length,
      -1,
    ]) as tf.Tensor2D;
    return tf.topk(tf.matMul(regions, gallery, false, true), 3).indices.arraySync() as number[][];
  });
  gallery.dispose();
  return nearest;
}

/** Share of the retrieved images with the class of the region, by group. */
const all = Array.from({ length: sets.test.images.length }, (_, i) => i);
for (const [name, { learner }] of Object.entries({ SCL: scl, 'DSCL + PBSD': decoupled })) {
  const found = await retrieve(learner, all);
  const precision = Object.entries(groups).map(([group, members]) => {
    const hits = found.flatMap((scenes, image) => {
      const c = classOf(sets.test, image);
      return members.includes(c) ? scenes.map((scene) => Number(classOf(sets.train, scene) === c)) : [];
    });
    return `${group} ${((100 * hits.reduce((a, b) => a + b, 0)) / hits.length).toFixed(1)}`;
  });
  console.log(`${name}, precision of the 3 nearest scenes of a digit's region, %: ${precision.join(', ')}`);
}

/**
 * The picture: a test image of every fourth class, from frequent to rare, with its region marked. Beside it the images
 * that SCL and DSCL + PBSD retrieve.
 */
const queries = order
  .filter((_, rank) => rank % 4 === 1)
  .map((c) => all.find((image) => classOf(sets.test, image) === c) as number);
const columns = [
  queries.map((query) => [query]),
  await retrieve(scl.learner, queries),
  await retrieve(decoupled.learner, queries),
];
const cell = 66;
const gap = 12;
const width = 7 * cell + 2 * gap;
const height = queries.length * cell;
const sheet = new Uint8Array(width * height * 3).fill(255);
for (const [row, query] of queries.entries()) {
  let left = 0;
  for (const [part, scenes] of columns.entries()) {
    const set = part === 0 ? sets.test : sets.train;
    for (const image of scenes[row]) {
      const { pixels } = await set.images.read(image);
      const right = part === 0 || classOf(set, image) === classOf(sets.test, query);
      for (let y = 0; y < cell; y++) {
        for (let x = 0; x < cell; x++) {
          const to = ((row * cell + y) * width + left + x) * 3;
          const inside = y > 0 && y < cell - 1 && x > 0 && x < cell - 1;
          const from = ((y - 1) * 64 + x - 1) * 3;
          // A green frame: the class of the query. A red frame: another class.
          sheet.set(inside ? pixels.subarray(from, from + 3) : right ? [40, 170, 90] : [215, 60, 50], to);
        }
      }
      left += cell;
    }
    left += gap;
  }
  const [x0, y0, x1, y1] = digitBox(sets.test, query).map((edge) => Math.round((edge * 64) / viewSize) + 1);
  for (let x = x0; x <= x1; x++)
    for (const y of [y0, y1])
      sheet.fill(255, ((row * cell + y) * width + x) * 3, ((row * cell + y) * width + x + 1) * 3);
  for (let y = y0; y <= y1; y++)
    for (const x of [x0, x1])
      sheet.fill(255, ((row * cell + y) * width + x) * 3, ((row * cell + y) * width + x + 1) * 3);
}
// Round to steps of eight levels, because the noise of the backgrounds compresses badly.
const data = sheet.map((level) => (level === 255 ? level : level - (level % 8)));
writeFileSync(new URL('dscl-retrieval.png', folder), encode({ width, height, data, channels: 3, depth: 8 }));
for (const { learner } of [scl, decoupled]) learner.dispose();
