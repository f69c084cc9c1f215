import { exportState, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import {
  bottleneckResNet,
  ClipVisionTransformer,
  distributionBalancedFreezing,
  type Freezing,
  freezeBackbone,
  mktFreezing,
  sarbFreezing,
} from '../src/index.ts';
import { randomTensor } from './support.ts';

const shape = { stem: 4, planes: [1, 2, 2, 2], blocks: [1, 1, 2, 1], groups: 1, groupWidth: 64 };

/** Names that a training step moves: parameters with a gradient, and buffers that differ afterwards. */
async function moved(freezing: Freezing): Promise<{ readonly parameters: string[]; readonly buffers: string[] }> {
  const network = bottleneckResNet(shape, { classes: 3, random: new RandomStream(1) });
  freezeBackbone(network, freezing);
  // What the engine does before each epoch; it must not undo the freezing.
  network.eval().train();
  const before = await exportState(network);
  const parameters = [...network.trainableParameters()];
  const images = randomTensor([2, 64, 64, 3], 2);
  const { grads } = tf.variableGrads(
    () => tf.sum(network.classify(network.forward(images).features)) as tf.Scalar,
    parameters.map(([, { variable }]) => variable),
  );
  const after = await exportState(network);
  const changed = (name: string): boolean => `${before.get(name)?.data}` !== `${after.get(name)?.data}`;
  const result = {
    parameters: parameters.filter(([, { variable }]) => grads[variable.name]).map(([name]) => name),
    buffers: [...network.namedBuffers()].map(([name]) => name).filter(changed),
  };
  network.dispose();
  return result;
}

test('SARB trains layer4 and the classifier; only the norms of layer4 move', async () => {
  const { parameters, buffers } = await moved(sarbFreezing);
  expect(new Set(parameters.map((name) => name.split('.')[0]))).toEqual(new Set(['layer4', 'fc']));
  expect(new Set(buffers.map((name) => name.split('.')[0]))).toEqual(new Set(['layer4']));
  expect(buffers).toHaveLength(2 * 4);
});

test('the Distribution-Balanced loss trains all but stem and layer1; no norm moves', async () => {
  const { parameters, buffers } = await moved(distributionBalancedFreezing);
  expect(new Set(parameters.map((name) => name.split('.')[0]))).toEqual(new Set(['layer2', 'layer3', 'layer4', 'fc']));
  // The affine part of a norm trains although its statistics are frozen.
  expect(parameters).toContain('layer2.0.bn1.weight');
  expect(buffers).toEqual([]);
});

test('MKT trains the last blocks, the last norm and the projection', () => {
  const config = { imageSize: 8, patchSize: 8, width: 4, layers: 12, heads: 1, embedding: 2 };
  const network = new ClipVisionTransformer(config, new RandomStream(1));
  // 3 tensors and a norm before the blocks, 12 in each of 10 blocks.
  expect(freezeBackbone(network, mktFreezing(10))).toEqual({ parameters: 5 + 120, norms: 0 });
  const trained = [...network.trainableParameters()].map(([name]) => name.replace(/(resblocks\.\d+)\..*/, '$1'));
  expect([...new Set(trained)].sort()).toEqual(
    ['ln_post.bias', 'ln_post.weight', 'proj', 'transformer.resblocks.10', 'transformer.resblocks.11'].sort(),
  );
  network.unfreeze();
  expect(freezeBackbone(network, mktFreezing(1)).parameters).toBe(5 + 12);
  network.dispose();
});
