import { compile, differentiate, disposeGradients, exportState, type Module, RandomStream, Sgd } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { bottleneckResNet, ClipResNet, VisionTransformer } from '../src/index.ts';
import { randomTensor } from './support.ts';

interface Encoder extends Module {
  forward(images: tf.Tensor): { readonly features: tf.Tensor2D };
}

const shape = { stem: 4, planes: [2, 3], blocks: [2, 1], groups: 1, groupWidth: 64 };
const vit = { imageSize: 32, patchSize: 8, width: 8, depth: 2, heads: 2 };
const clip = { imageSize: 32, width: 2, blocks: [1, 1, 1, 1], heads: 1, embedding: 3 };

const networks: readonly (readonly [string, (recompute: boolean) => Encoder])[] = [
  ['ResNet', (recompute) => bottleneckResNet(shape, { recompute, random: new RandomStream(1) })],
  ['ViT', (recompute) => new VisionTransformer({ ...vit, recompute }, new RandomStream(1))],
  ['CLIP ResNet', (recompute) => new ClipResNet({ ...clip, recompute }, new RandomStream(1))],
];

/** Losses of four steps, and the state afterwards. */
async function train(network: Encoder, compiled: boolean) {
  const optimizer = new Sgd([{ parameters: [...network.trainableParameters()], learningRate: 0.01 }], {
    momentum: 0.9,
  });
  const parameters = [...network.trainableParameters()].map(([, parameter]) => parameter);
  const train = (images: tf.Tensor): { loss: tf.Scalar } => {
    const { loss, gradients } = differentiate(
      () => ({ loss: tf.mean(tf.square(tf.sub(network.forward(images).features, 1))) as tf.Scalar, terms: {} }),
      parameters,
    );
    optimizer.step(gradients);
    disposeGradients(gradients);
    return { loss };
  };
  const step = compiled ? compile(train) : Object.assign(train, { dispose: () => undefined });
  const images = randomTensor([3, 32, 32, 3], 2);
  const losses = [1, 2, 3, 4].map(() => {
    const { loss } = tf.tidy(() => step(images));
    return loss.dataSync()[0];
  });
  const state = await exportState(network);
  step.dispose();
  optimizer.dispose();
  network.dispose();
  return { losses, state };
}

test.each(networks)(
  '%s: compiled steps are the eager ones, with activations kept or computed anew',
  async (_, create) => {
    const expected = await train(create(false), false);
    expect(expected.losses[3]).toBeLessThan(expected.losses[0]);
    for (const recompute of [false, true]) {
      const { losses, state } = await train(create(recompute), true);
      expectClose(losses, expected.losses, { relative: 1e-5 });
      for (const [name, { data }] of expected.state) {
        expectClose(state.get(name)?.data as Float32Array, data as Float32Array, { relative: 1e-3, absolute: 1e-5 });
      }
    }
  },
);
