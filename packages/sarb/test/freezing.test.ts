import { BatchLoader, UniformSampler } from '@ltml/data';
import { BatchNorm, Conv2d, exportState, globalAveragePool, Module, RandomStream, RandomStreams } from '@ltml/tensor';
import type { MapEncoder } from '@ltml/tensor/contract';
import { fit } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { setup, smallConfig, syntheticMaps } from './synthetic.ts';

/** A convolution and its norm. */
class Layer extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm = new BatchNorm({ channels: 6 });

  constructor(inChannels: number, seed: number) {
    super();
    this.conv1 = new Conv2d({ inChannels, outChannels: 6, kernel: 1, bias: false, random: new RandomStream(seed) });
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.relu(this.bn1.forward(this.conv1.forward(x)));
  }
}

/** What a ResNet is to freezing: its names. */
class SmallResNet extends Module implements MapEncoder {
  readonly conv1 = new Conv2d({ inChannels: 6, outChannels: 6, kernel: 1, bias: false, random: new RandomStream(1) });
  readonly bn1 = new BatchNorm({ channels: 6 });
  readonly layer1 = [new Layer(6, 2)];
  readonly layer2 = [new Layer(6, 3)];
  readonly layer3 = [new Layer(6, 4)];
  readonly layer4 = [new Layer(6, 5)];

  forward(images: tf.Tensor) {
    const stem = tf.relu(this.bn1.forward(this.conv1.forward(images as tf.Tensor4D)));
    const layers = [...this.layer1, ...this.layer2, ...this.layer3, ...this.layer4];
    const featureMap = layers.reduce((x, layer) => layer.forward(x), stem);
    return { featureMap, features: globalAveragePool(featureMap) };
  }
}

/** What of the encoder an epoch moves. */
async function moved(config: object): Promise<string[]> {
  const { learner } = setup(smallConfig({ epochs: 1, features: 6, ...config }), { encoder: new SmallResNet() });
  const random = new RandomStreams(3);
  const sampler = new UniformSampler({ length: 24, random: random.stream('shuffle') });
  const before = await exportState(learner);
  await fit({ learner, random, loader: new BatchLoader({ dataset: syntheticMaps(), sampler, batchSize: 8, random }) });
  const after = await exportState(learner);
  learner.dispose();
  return [...before].flatMap(([name, { data }]) =>
    name.startsWith('encoder.') && `${data}` !== `${after.get(name)?.data}` ? [name.slice('encoder.'.length)] : [],
  );
}

const affine = ['bn1.weight', 'bn1.bias'];
const statistics = ['bn1.running_mean', 'bn1.running_var'];

it('trains layer4 of a ResNet and its norms and nothing before it, as published', async () => {
  expect(await moved({})).toEqual(['conv1.weight', ...affine, ...statistics].map((name) => `layer4.0.${name}`));
});

it('trains what the configuration leaves to train', async () => {
  expect(await moved({ freeze: { parameters: '', statistics: '^layer' } })).toEqual(statistics);
  const all = await moved({ freeze: { parameters: null, statistics: null } });
  expect(all).toHaveLength(5 * (1 + affine.length + statistics.length));
});

it('refuses to freeze an encoder by the names of another one', async () => {
  await expect(moved({ freeze: { parameters: '^blocks\\.[0-9]\\.' } })).rejects.toThrow(
    /freeze\.parameters should be a pattern that matches names of the network, such as conv1\.weight/,
  );
});

it('says how to train an encoder that the published freezing does not fit', async () => {
  await expect(moved({ freeze: { parameters: '^(conv1|bn1|layer[123])\\.x' } })).rejects.toThrow(
    /Published patterns are for ResNets; freeze\.parameters: null freezes nothing/,
  );
});
