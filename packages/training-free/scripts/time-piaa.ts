// Times PIAA on given patches: the pass over the images, the closed-form solution, and the scores.
//   node --import tsx packages/training-free/scripts/time-piaa.ts [--images 5000] [--classes 80] [--patches 196] \
//     [--features 512] [--batch 64] [--backend tensorflow]
// Patches are noise around class embeddings. They are generated for each batch, as if read from a file; this is not
// timed.
import { parseArgs } from 'node:util';
import { useBackend } from '@ltml/engines';
import { compile, l2Normalize } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { addToBank, type Bank, emptyBank } from '../src/piaa/bank.ts';
import { learnFromBank } from '../src/piaa/learn.ts';
import { patchClasses } from '../src/piaa/patch-classes.ts';
import { piaaScore } from '../src/piaa/score.ts';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '5000' },
    classes: { type: 'string', default: '80' },
    patches: { type: 'string', default: '196' },
    features: { type: 'string', default: '512' },
    batch: { type: 'string', default: '64' },
    backend: { type: 'string', default: 'tensorflow' },
  },
});
const [images, C, P, D, B] = (['images', 'classes', 'patches', 'features', 'batch'] as const).map((name) =>
  Number(values[name]),
);
const k = 512;

await useBackend(values.backend as Parameters<typeof useBackend>[0]);
const text = tf.tidy(() => l2Normalize(tf.randomNormal([C, D], 0, 1, 'float32', 1)) as tf.Tensor2D);
const starting = emptyBank(C, k, D);
const bank = {
  features: tf.variable(starting.features),
  weights: tf.variable(starting.weights),
  entropies: tf.variable(starting.entropies),
};
tf.dispose(starting);
const contents = bank as unknown as Bank;

const gather = compile((patches: tf.Tensor) => {
  const seen = patchClasses(patches as tf.Tensor2D, text);
  const next = addToBank(contents, seen);
  bank.features.assign(next.features);
  bank.weights.assign(next.weights);
  bank.entropies.assign(next.entropies);
  return { entropy: tf.mean(seen.entropies) };
});

/** A batch of patches, each near the embedding of a random class. */
function batchOf(first: number, count: number): tf.Tensor2D {
  return tf.tidy(() => {
    const classes = tf.cast(tf.floor(tf.randomUniform([count * P], 0, C, 'float32', first + 7)), 'int32');
    const noise = tf.randomNormal([count * P, D], 0, 2 * D ** -0.5, 'float32', first + 11);
    return tf.add<tf.Tensor2D>(tf.gather(text, classes), noise);
  });
}

let peak = 0;
const seconds = { gather: 0, solve: 0, score: 0 };
async function timed(part: keyof typeof seconds, run: () => tf.Tensor | Promise<tf.Tensor>): Promise<void> {
  const start = performance.now();
  const result = await run();
  await result.data();
  seconds[part] += (performance.now() - start) / 1000;
  result.dispose();
  peak = Math.max(peak, process.memoryUsage().rss);
}

for (let first = 0; first < images; first += B) {
  const patches = batchOf(first, Math.min(B, images - first));
  await timed('gather', () => gather(patches).entropy);
  patches.dispose();
}
let classes: Parameters<typeof piaaScore>[1] | undefined;
await timed('solve', async () => {
  const { classifier } = await learnFromBank(contents, text, { temperature: 0.01, onEmpty: 'first' });
  const weight = tf.tensor2d(Float32Array.from(classifier.weight), [D, C]);
  const bias = tf.tensor1d(Float32Array.from(classifier.bias));
  classes = { text, weight, bias };
  return tf.clone(bias);
});
for (let first = 0; first < images; first += B) {
  const count = Math.min(B, images - first);
  const rows = batchOf(first, count);
  const patches = tf.reshape<tf.Rank.R3>(rows, [count, P, D]);
  const features = tf.mean<tf.Tensor2D>(patches, 1);
  await timed('score', () =>
    tf.tidy(
      () => piaaScore({ features, patches }, classes as never, { imageScale: 80, patchScale: 400 }).score as tf.Tensor,
    ),
  );
  tf.dispose([rows, patches, features]);
}
const total = seconds.gather + seconds.solve + seconds.score;
console.log(
  JSON.stringify({
    backend: tf.getBackend(),
    ...{ images, patches: P, features: D, classes: C },
    ...Object.fromEntries(Object.entries(seconds).map(([part, time]) => [`${part} s`, Number(time.toFixed(2))])),
    'total s': Number(total.toFixed(2)),
    'peak GB': Number((peak / 1e9).toFixed(2)),
  }),
);
