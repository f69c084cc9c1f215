// Runs many training steps, eager and compiled, and fails if they leave something behind:
//   LTML_BACKEND=tensorflow node --import tsx packages/engines/scripts/leaks.ts [steps, default 100000]
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { useBackend } from '@ltml/engines';
import {
  AdamW,
  BatchNorm,
  Conv2d,
  compile,
  differentiate,
  disposeGradients,
  fromHost,
  globalAveragePool,
  Linear,
  RandomStream,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

const steps = Number(process.argv[2] ?? 1e5);
/** Memory that a process may still take after the first tenth of the steps, in MB: what its collector leaves for later. */
const mostGrowth = 32;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const { name } = await useBackend();

const random = new RandomStream(1);
const convolution = new Conv2d({ inChannels: 3, outChannels: 8, kernel: 3, stride: 2, padding: 1, random });
const norm = new BatchNorm({ channels: 8 });
const head = new Linear({ inFeatures: 8, outFeatures: 4, random });
const modules = { convolution, norm, head };
const named = Object.entries(modules).flatMap(([name, module]) =>
  [...module.namedParameters()].map(([own, parameter]) => [`${name}.${own}`, parameter] as const),
);
const parameters = named.map(([, parameter]) => parameter);
const optimizer = new AdamW([{ parameters: named, learningRate: 1e-3, weightDecay: 0.01 }]);

function train(images: tf.Tensor, labels: tf.Tensor): { loss: tf.Scalar } {
  const { loss, gradients } = differentiate(() => {
    const noise = fromHost(images.shape, () => Float32Array.from({ length: images.size }, () => random.normal()));
    const maps = tf.relu(norm.forward(convolution.forward(tf.add(images, noise))));
    const logits = head.forward(globalAveragePool(maps as tf.Tensor4D));
    return { loss: tf.mean(tf.sub(tf.softplus(logits), tf.mul(logits, labels))) as tf.Scalar, terms: {} };
  }, parameters);
  optimizer.step(gradients);
  disposeGradients(gradients);
  return { loss };
}

/** What there is: tensors of TensorFlow.js, tensors of the addon, MB of the process, MB of WebAssembly. */
function holdings(): Record<string, number> {
  const backend = tf.backend() as { binding?: { getNumOfTensors?: () => number }; wasm?: { HEAPU8: Uint8Array } };
  collect();
  return {
    tensors: tf.memory().numTensors,
    native: backend.binding?.getNumOfTensors?.() ?? 0,
    processMB: process.memoryUsage.rss() / 1e6,
    wasmMB: (backend.wasm?.HEAPU8.byteLength ?? 0) / 1e6,
  };
}

async function run(title: string, step: typeof train): Promise<void> {
  const [images, labels] = [tf.ones([4, 8, 8, 3]), tf.ones([4, 4])];
  let early: Record<string, number> = {};
  for (let i = 0; i < steps; i++) {
    const { loss } = step(images, labels);
    const [value] = await loss.data();
    loss.dispose();
    if (!Number.isFinite(value)) throw new Error(`the loss of step ${i} is ${value}`);
    if (i === Math.floor(steps / 10)) early = holdings();
  }
  const late = holdings();
  tf.dispose([images, labels]);
  const grown = Object.fromEntries(Object.keys(late).map((key) => [key, late[key] - early[key]]));
  console.log(
    `${name}, ${steps} ${title} steps:`,
    JSON.stringify(late),
    'more than after a tenth:',
    JSON.stringify(grown),
  );
  // The addon keeps small constants up to a thousand.
  if (grown.tensors !== 0 || grown.native > 1024 || grown.processMB > mostGrowth || grown.wasmMB > 0)
    process.exitCode = 1;
}

await run('eager', (images, labels) => tf.tidy(() => train(images, labels)));
const compiled = compile(train);
if (compiled.compiled) await run('compiled', compiled);
compiled.dispose();
console.log(process.exitCode ? 'something leaks' : 'nothing leaks');
process.exit();
