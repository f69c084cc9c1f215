import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import * as mkt from '../src/index.ts';
import { makeBatch, randomTensor, setup, taskPrompts } from './support.ts';

const random = new RandomStream(1);
const features = randomTensor<tf.Tensor2D>([2, 5], random);
const patches = randomTensor<tf.Tensor3D>([2, 6, 5], random);
const labels = randomTensor<tf.Tensor2D>([4, 5], random);
const streams = { global: randomTensor<tf.Tensor2D>([2, 4], random), local: randomTensor<tf.Tensor2D>([2, 4], random) };
const counted = tf.tensor1d([1, 0]);
const heads = (['mlp', 'shared'] as const).map(
  (local) => new mkt.TwoStreamHead({ features: 5, embedding: 5, local, random }),
);
const { mkt: learner, tower } = setup();
const batch = makeBatch([
  [1, 0, 1, 0],
  [0, 0, 0, 1],
]);
const prompts = taskPrompts();
const prompt = new mkt.Prompt(tower, prompts);

/** Every export that works on tensors: what it takes a gradient by, and what it does with it. */
const ops: Record<string, readonly [tf.Tensor, (x: tf.Tensor) => tf.TensorContainer]> = {
  distillationLoss: [features, (x) => mkt.distillationLoss(x as tf.Tensor2D, features, { counted })],
  'TwoStreamHead mlp': [patches, (x) => heads[0].forward({ features, patches: x as tf.Tensor3D })],
  'TwoStreamHead shared': [patches, (x) => heads[1].forward({ features, patches: x as tf.Tensor3D })],
  topKPool: [patches, (x) => mkt.topKPool(x as tf.Tensor3D, 3)],
  labelStreams: [
    patches,
    (x) => mkt.labelStreams({ features, patches: x as tf.Tensor3D }, labels, { labelsAtOnce: 3, topK: 2 }),
  ],
  'combineStreams mean': [streams.local, (x) => mkt.combineStreams({ ...streams, local: x as tf.Tensor2D })],
  'combineStreams local': [
    streams.local,
    (x) => mkt.combineStreams({ ...streams, local: x as tf.Tensor2D }, { combine: 'local', normalize: false }),
  ],
  localEvidence: [patches, (x) => mkt.localEvidence({ features, patches: x as tf.Tensor3D }, labels)],
  Prompt: [prompt.context.variable, () => prompt.forward(prompts)],
  'Prompt.embedTokens': [prompt.context.variable, () => prompt.embedTokens(prompts)],
  'Mkt.forward': [batch.inputs, (x) => learner.forward(x)],
  'Mkt.predict': [batch.inputs, (x) => learner.predict(x)],
  'Mkt.embedImages': [batch.inputs, (x) => learner.embedImages(x)],
  'Mkt.embedLabels': [prompt.context.variable, () => learner.embedLabels(prompts)],
  'Mkt.streams': [patches, (x) => learner.streams({ features, patches: x as tf.Tensor3D }, labels)],
  'Mkt.score': [streams.local, (x) => learner.score({ ...streams, local: x as tf.Tensor2D })],
  'Mkt.rankingLoss': [streams.local, (x) => learner.rankingLoss(x as tf.Tensor2D, batch)],
  'Mkt.train': [
    batch.inputs,
    () => {
      learner.eval().train();
      return [];
    },
  ],
};

/** The sum of all that was made, to differentiate. */
function total(made: tf.TensorContainer): tf.Scalar {
  const tensors = made instanceof tf.Tensor ? [made] : Object.values(made as Record<string, tf.Tensor>);
  return tf.addN(tensors.map((x) => tf.sum<tf.Scalar>(x)));
}

it.each(Object.entries(ops))('%s leaves nothing behind but what it gives, outside a tidy too', (name, [x, run]) => {
  const before = tf.memory().numTensors;
  tf.dispose(run(x));
  expect(tf.memory().numTensors).toBe(before);
  if (name === 'Mkt.train') return;
  if (x instanceof tf.Variable)
    tf.dispose(tf.variableGrads(() => total(run(x)), name === 'Mkt.embedLabels' ? undefined : [x]));
  else tf.dispose(tf.grad((input) => total(run(input)))(x));
  expect(tf.memory().numTensors).toBe(before);
});

it('looks at every export', () => {
  const others = [
    ...['mkt', 'mktConfigSchema', 'mktPresets', 'labelPrompts', 'promptTemplate', 'labelRetrieval'],
    ...['freezeLayers', 'lastLayer', 'layerDecayGroups'],
  ];
  const names = Object.keys(ops).map((name) => name.split(/[ .]/)[0]);
  expect(Object.keys(mkt).filter((name) => !names.includes(name) && !others.includes(name))).toEqual([]);
});
