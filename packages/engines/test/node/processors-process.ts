// Prints what differs between our native kernels and TensorFlow's own ops, of every loss and layer that has a kernel, and for
// which processor the kernels were taken.
import { useBackend } from '@ltml/engines';
import { gelu, layerNorm, selfAttention } from '@ltml/tensor';
import { findMismatch } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { edges } from '../../../losses/test/edges.ts';
import { gradientsOf, randomTensor } from '../../../tensor/test/support.ts';
import { withoutNativeKernels } from '../../src/node/native/kernels.ts';
import { processorToUse } from '../../src/node/native/processor.ts';

await useBackend('tensorflow');

type Compute = (...inputs: tf.Tensor[]) => tf.Tensor;

const [B, C] = [5, 77];
const logits = tf.mul(randomTensor([B, C], 1), 3);
const labels = tf.cast(tf.greater(randomTensor([B, C], 2), 0.7), 'float32') as tf.Tensor2D;
const known = tf.cast(tf.greater(randomTensor([B, C], 3), -0.5), 'float32') as tf.Tensor2D;
const oneLabel = tf.oneHot(tf.tensor1d([3, 0, 76, 20, 9], 'int32'), C).toFloat() as tf.Tensor2D;

// Weights have no gradient by their kernels.
const losses = edges
  .filter(({ reduces }) => reduces)
  .flatMap(({ name, run, masked }): [string, Compute, tf.Tensor[]][] => {
    const y = /single|softmax|ldam|noise/i.test(name) ? oneLabel : labels;
    const cases: [string, Compute, tf.Tensor[]][] = [[name, (x) => run(x as tf.Tensor2D, y, {}), [logits]]];
    if (masked) cases.push([`${name}, partly known`, (x) => run(x as tf.Tensor2D, y, { known }), [logits]]);
    return cases;
  });

const layers: [string, Compute, tf.Tensor[]][] = [
  ['gelu', gelu, [tf.mul(randomTensor([7, 301], 4), 4)]],
  ['relu', tf.relu, [randomTensor([7, 301], 5)]],
  [
    'layer norm',
    (x, gamma, beta) => layerNorm(x, gamma, beta),
    [randomTensor([3, 9, 70], 6), tf.ones([70]), tf.ones([70])],
  ],
  ...[
    [1, 3, 1, 5],
    [2, 70, 3, 20],
    [2, 13, 2, 64],
  ].flatMap(([images, L, heads, d]): [string, Compute, tf.Tensor[]][] =>
    [false, true].map((causal) => [
      `attention of ${L} tokens, ${heads} heads of ${d}${causal ? ', causal' : ''}`,
      (joined) => selfAttention(joined, { heads, causal }),
      [randomTensor([images, L, 3 * heads * d], 7)],
    ]),
  ),
];

/** Value and gradients, or why there are none. */
function compute(run: Compute, inputs: tf.Tensor[]): ArrayLike<number>[] | string {
  try {
    return tf.tidy(() => {
      const y = run(...inputs);
      return [y, ...gradientsOf(run, inputs, randomTensor(y.shape, 9))].map((tensor) => tensor.dataSync());
    });
  } catch (error) {
    return (error as Error).message;
  }
}

const differences: string[] = [];
let same = 0;
for (const [name, run, inputs] of [...losses, ...layers]) {
  const [own, composed] = [compute(run, inputs), withoutNativeKernels(() => compute(run, inputs))];
  if (typeof own === 'string' || typeof composed === 'string') {
    if (own !== composed) differences.push(`${name}: ${own} / ${composed}`);
    continue;
  }
  const found = own.map((values, i) => findMismatch(values, composed[i], { relative: 1e-4, absolute: 1e-5 }));
  const mismatch = found.find((one) => one !== null);
  if (mismatch) differences.push(`${name}: ${mismatch}`);
  else same++;
}
const kernels = tf.getKernelsForBackend('tensorflow').filter(({ kernelName }) => kernelName === 'ltml/SelfAttention');
process.stdout.write(
  JSON.stringify({ processor: processorToUse(), attention: kernels.length === 1, same, differences }),
  () => process.exit(0),
);
