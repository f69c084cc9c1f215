// Computes prototypes for a simulated data set of COCO's size, and measures the memory:
//   node --import tsx benchmarks/scripts/prototypes-memory.ts [images] [classes] [features]
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { useBackend } from '@ltml/engines';
import { classPrototypes, sarbPresets } from '@ltml/sarb';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import type { Batch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

const { positionals } = parseArgs({ allowPositionals: true });
const [images, classes, features] = [80_000, 80, 1024].map((size, i) => Number(positionals[i] ?? size));
const batchSize = 64;
const causes = 16;

const { count, samples } = sarbPresets.sarb.blending.prototypes!;
const engine = await useBackend('auto');
const loadings = tf.randomNormal<tf.Rank.R2>([causes, classes * features], 0, 1, 'float32', 1);
const before = process.memoryUsage().rss;
let positives = 0;

/** Simulated images with 2.9 present classes on average, as in COCO. Half of the labels are known. */
function* simulatedBatches(): Generator<Batch> {
  const random = new RandomStream(1);
  for (let start = 0; start < images; start += batchSize) {
    const B = Math.min(batchSize, images - start);
    const labels = Float32Array.from({ length: B * classes }, () => Number(random.uniform() < 2.9 / classes));
    const known = Float32Array.from({ length: B * classes }, () => Number(random.uniform() < 0.5));
    positives += labels.reduce((sum, label, i) => sum + label * known[i], 0);
    const inputs = Float32Array.from({ length: B * causes }, () => random.normal());
    yield {
      inputs: tf.tensor2d(inputs, [B, causes]),
      labels: tf.tensor2d(labels, [B, classes]),
      known: tf.tensor2d(known, [B, classes]),
    };
    if ((start / batchSize) % 250 === 0) console.error(`${start} images, ${megabytes(process.memoryUsage().rss)}`);
  }
}

const start = performance.now();
const { counts } = await classPrototypes(
  simulatedBatches(),
  (inputs) => tf.reshape(tf.matMul(inputs as tf.Tensor2D, loadings), [-1, classes, features]) as tf.Tensor3D,
  { classes, count, samples, random: new RandomStreams(1) },
);
const seconds = (performance.now() - start) / 1000;
const peak = process.resourceUsage().maxRSS * 1024;

console.log(`${images} images, ${classes} classes, ${features} features, engine ${engine.name}`);
console.log(
  `${counts.reduce((sum, n) => sum + n, 0)} prototypes of ${positives} known positives, ${seconds.toFixed(0)} s`,
);
console.log(
  `features of all positives: ${megabytes(positives * features * 4)}, of all slots: ${megabytes(images * classes * features * 4)}`,
);
console.log(`held at most: ${megabytes((samples ?? positives) * features * 4)}`);
console.log(`peak of the process: ${megabytes(peak)}, ${megabytes(peak - before)} above its start`);
process.exit();

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
