// Pretrains resnet-tiny on the source task of digits-lt and writes weights/resnet-tiny.safetensors in half precision.
//   node --import tsx packages/backbone/scripts/pretrain-resnet-tiny.ts [--epochs 20] [--scenes 6000]
// Seeded. Engines round differently, so another engine or number of threads gives other weights of the same quality.
import { fileURLToPath } from 'node:url';
import { BatchLoader, denseLabels, digitsSource, imageInputs, type LabelledInputs, UniformSampler } from '@ltml/data';
import { binaryCrossEntropy } from '@ltml/losses';
import { averagePrecision, meanAveragePrecision } from '@ltml/metrics';
import { exportState, Linear, Module, RandomStreams, writeSafetensors } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import * as tf from '@tensorflow/tfjs-core';
import { resnetTiny, resnetTinyStatistics } from '../src/resnet-tiny.ts';
import { start, trainNetwork } from './train-network.ts';

const { epochs, scenes } = await start({ epochs: 20 });
const random = new RandomStreams(1);
const source = await digitsSource({ trainScenes: scenes });
const train = asDataset(source.train);
const validation = asDataset(source.validation);

class SourceClassifier extends Module {
  readonly encoder = resnetTiny(random.stream('init'));
  readonly head = new Linear({ inFeatures: 96, outFeatures: train.classes.length, random: random.stream('init') });

  forward(images: tf.Tensor): tf.Tensor2D {
    return this.head.forward(this.encoder.forward(images).features) as tf.Tensor2D;
  }
}

const model = new SourceClassifier();
const loader = new BatchLoader({
  dataset: train,
  sampler: new UniformSampler({ length: train.inputs.length, random: random.stream('shuffle') }),
  batchSize: 64,
  dropLast: true,
  random,
});
await trainNetwork({
  network: model,
  loader,
  epochs,
  learningRate: 1e-2,
  inputsOf: ({ inputs, labels }) => [inputs, labels],
  lossOf: (images, labels) => binaryCrossEntropy(model.forward(images), labels as tf.Tensor2D),
});

const score = await validate();
console.log(`validation mAP ${(100 * score).toFixed(2)}`);
const weights = writeSafetensors(await exportState(model.encoder), {
  float32As: 'F16',
  metadata: { task: source.train.name, validationMap: score.toFixed(4), engine: tf.getBackend() },
});
await writeFileAtomically(fileURLToPath(new URL('../weights/resnet-tiny.safetensors', import.meta.url)), [weights]);

function asDataset({ name, classes, labels, images }: (typeof source)['train']): LabelledInputs {
  return {
    name,
    classes,
    labels,
    inputs: imageInputs(images, [
      { name: 'padAndShift', padding: 4 },
      { name: 'normalize', ...resnetTinyStatistics },
    ]),
  };
}

async function validate(): Promise<number> {
  model.eval();
  const { rows, columns } = validation.labels;
  const scores = new Float32Array(rows * columns);
  for (let first = 0; first < rows; first += 100) {
    const indices = Int32Array.from({ length: Math.min(100, rows - first) }, (_, i) => first + i);
    const inputs = await validation.inputs.read(indices);
    const logits = tf.tidy(() => model.forward(tf.tensor(inputs, [indices.length, ...validation.inputs.shape])));
    scores.set(await logits.data(), first * columns);
    logits.dispose();
  }
  return meanAveragePrecision(averagePrecision({ ...denseLabels(validation.labels), scores }));
}
