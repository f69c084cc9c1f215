// Scores 10,000 images for the 7,186 labels of Open Images, batch by batch, and prints the peak memory.
//   node --expose-gc --import tsx benchmarks/scripts/score-many.ts [--images 10000] [--labels 7186] \
//     [--out scores.jsonl]
// Image embeddings are random, with 64 patches of 64 features as in tiny-clip. Only scoring and writing are measured.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { useBackend } from '@ltml/engines';
import { combineStreams, labelStreams } from '@ltml/mkt';
import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

const { values: flags } = parseArgs({
  options: {
    images: { type: 'string', default: '10000' },
    labels: { type: 'string', default: '7186' },
    out: { type: 'string', default: '/dev/null' },
  },
});
const [images, C] = [Number(flags.images), Number(flags.labels)];
const [B, N, D] = [50, 64, 64];
await useBackend(process.env.LTML_BACKEND as Parameters<typeof useBackend>[0]);
const random = new RandomStream(1);
const draw = (shape: number[]): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal(0, 1)),
    shape,
  );
const labels = draw([C, D]) as tf.Tensor2D;
const out = createWriteStream(flags.out);
let settled = 0;
const start = performance.now();
for (let first = 0; first < images; first += B) {
  const best = tf.tidy(() => {
    const image = { features: draw([B, D]) as tf.Tensor2D, patches: draw([B, N, D]) as tf.Tensor3D };
    const streams = labelStreams(image, labels, { topK: 18, labelsAtOnce: 512 });
    return tf.topk(combineStreams(streams), 10);
  });
  const [scores, classes] = [await best.values.array(), await best.indices.array()];
  tf.dispose([best.values, best.indices]);
  const lines = (scores as number[][]).map((row, i) =>
    JSON.stringify({ image: first + i, classes: (classes as number[][])[i], scores: row }),
  );
  if (!out.write(`${lines.join('\n')}\n`)) await once(out, 'drain');
  if (first + B <= images / 10) settled = process.resourceUsage().maxRSS;
}
const seconds = (performance.now() - start) / 1000;
const { maxRSS } = process.resourceUsage();
console.log(`${images} images × ${C} labels on ${tf.getBackend()}: ${seconds.toFixed(1)} s`);
console.log(
  `peak of the process ${(maxRSS / 1024).toFixed(0)} MiB, ${((maxRSS - settled) / 1024).toFixed(0)} MiB more than after a tenth of the images`,
);
console.log(`all scores together would be ${((4 * images * C) / 2 ** 20).toFixed(0)} MiB`);
out.end();
