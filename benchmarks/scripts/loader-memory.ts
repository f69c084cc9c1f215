// Measures the resident memory of a process that loads 50,000 pictures: JPEGs of 500 × 375, decoded in threads, with
// mixed images in batches.
//   node --import tsx benchmarks/scripts/loader-memory.ts [pictures] [workers]
import { availableParallelism } from 'node:os';
import { BatchLoader, cutmix, labelsFromLists, type Sampler } from '@ltml/data';
import { poolInputs } from '@ltml/data/node';
import { useBackend } from '@ltml/engines';
import { imagenetStatistics } from '@ltml/images';
import { PicturePool } from '@ltml/images/node';
import { RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { loaderPictures, makePictures, pictureFolder, pictureName } from '../src/speed/loader-pictures.ts';

const [images = 50_000, workers = availableParallelism()] = process.argv.slice(2).map(Number);
const every = 5000;

await useBackend('auto');
await makePictures();
const files = Array.from({ length: loaderPictures.count }, (_, index) => pictureName(index));
const pool = new PicturePool({ workers });
const reader = pool.reader({
  root: pictureFolder,
  pipeline: [
    { name: 'randomResizedCrop', size: 224 },
    { name: 'horizontalFlip' },
    { name: 'trivialAugment' },
    { name: 'randomErasing' },
    { name: 'normalize', ...imagenetStatistics },
  ],
});
/** One epoch with all reads. It repeats the pictures. */
const sampler: Sampler = {
  epochLength: images,
  nextEpoch: () => Int32Array.from({ length: images }, (_, i) => i % files.length),
  exportState: () => null,
  importState() {},
};
const labels = labelsFromLists(
  files.map((_, i) => [i % 20]),
  20,
);
const classes = Array.from({ length: labels.columns }, (_, c) => `class ${c}`);
const inputs = poolInputs(reader, { length: files.length, path: (i) => files[i] });
const dataset = { name: 'pictures', classes, labels, inputs };
const loader = new BatchLoader({ dataset, sampler, batchSize: 32, random: new RandomStreams(1), mix: cutmix() });

let done = 0;
let shown = 0;
const start = performance.now();
const rss: number[] = [];
for await (const batch of loader.epoch()) {
  done += batch.indices.length;
  tf.dispose([batch.inputs, batch.labels, batch.known]);
  if (done < shown + every && done < images) continue;
  shown = done;
  const { rss: resident, arrayBuffers } = process.memoryUsage();
  rss.push(resident / 2 ** 20);
  const seconds = (performance.now() - start) / 1000;
  const cells = [
    `${done} pictures`,
    `${(done / seconds).toFixed(0)} images/s`,
    `${rss.at(-1)?.toFixed(0)} MiB resident`,
  ];
  console.log(
    [...cells, `${(arrayBuffers / 2 ** 20).toFixed(0)} MiB in buffers`, `${tf.memory().numTensors} tensors`].join(', '),
  );
}
await pool.close();
const first = rss[Math.min(1, rss.length - 1)];
console.log(`from ${first.toFixed(0)} to ${rss.at(-1)?.toFixed(0)} MiB, at most ${Math.max(...rss).toFixed(0)}`);
