import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describeLeaks, type LeakCase } from '../../tensor/test/describe-leaks.ts';
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

const ops: Record<string, LeakCase> = {
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
  'Mkt.embedLabels': [(learner.prompt as mkt.Prompt).context.variable, () => learner.embedLabels(prompts)],
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

describeLeaks({
  exported: mkt,
  ops,
  others: [
    ...['mkt', 'mktConfigSchema', 'mktPresets', 'labelPrompts', 'promptTemplate', 'labelRetrieval'],
    ...['freezeLayers', 'lastLayer', 'layerDecayGroups'],
  ],
  constant: ['Mkt.train'],
});
