import { BatchLoader, UniformSampler } from '@ltml/data';
import * as own from '@ltml/tensor';
import { fit } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { SmallLearner } from './small-learner.ts';
import { bce, syntheticDataset } from './synthetic.ts';

/** A second copy of the package, as npm installs it where two packages ask for versions that exclude each other. */
let other: typeof own;

beforeAll(async () => {
  vi.resetModules();
  other = await import('@ltml/tensor');
});

/** Two convolutions with a norm, from the features of the synthetic task taken as one row of pixels. */
function encoderOf({ Module, Conv2d, BatchNorm, RandomStream, globalAveragePool }: typeof own) {
  class Encoder extends Module {
    readonly convs = [1, 5].map(
      (inChannels) => new Conv2d({ inChannels, outChannels: 5, kernel: 1, bias: false, random: new RandomStream(3) }),
    );
    readonly norm = new BatchNorm({ channels: 5 });

    forward(inputs: tf.Tensor): { features: tf.Tensor2D } {
      const [B, width] = inputs.shape;
      const image = tf.reshape(inputs, [B, 1, width, 1]) as tf.Tensor4D;
      const first = tf.relu(this.norm.forward(this.convs[0].forward(image)));
      return { features: globalAveragePool(this.convs[1].forward(first) as tf.Tensor4D) };
    }
  }
  return new Encoder();
}

const dataset = syntheticDataset();

function createLearner(freeze: string | null = null) {
  const encoder = encoderOf(other);
  own.freezeNetwork(encoder, { parameters: freeze, statistics: null });
  const stage = { epochs: 1, averageDecay: 0.5 };
  const random = new own.RandomStreams(1);
  return new SmallLearner({ features: 5, classes: 3, criterion: bce, random, encoder, stage });
}

describe('an encoder of one copy of the package in a learner of another', () => {
  it('is of classes that the other copy does not have', () => {
    expect(encoderOf(other)).not.toBeInstanceOf(own.Module);
    expect(own.isModule(encoderOf(other))).toBe(true);
    expect(other.isBatchNorm(encoderOf(own).norm)).toBe(true);
  });

  it('is seen, frozen, switched and disposed of', () => {
    const before = tf.memory().numTensors;
    const learner = createLearner('convs\\.0');
    expect(Array.from(learner.namedState(), ([name]) => name)).toEqual([
      'encoder.convs.0.weight',
      'encoder.convs.1.weight',
      'encoder.norm.weight',
      'encoder.norm.bias',
      'encoder.norm.running_mean',
      'encoder.norm.running_var',
      'head.weight',
      'head.bias',
    ]);
    expect([...learner.namedParameters()]).toHaveLength(6);
    expect([...learner.namedBuffers()]).toHaveLength(2);
    expect([...learner.trainableParameters()]).toHaveLength(5);
    expect(learner.freeze(/norm/)).toBe(2);
    learner.eval();
    expect(Array.from(learner.namedModules(), ([, { training }]) => training)).not.toContain(true);
    learner.train();
    expect(Array.from(learner.namedModules(), ([, { training }]) => training)).not.toContain(false);
    learner.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains, and is in what is saved and loaded', async () => {
    const random = new own.RandomStreams(2);
    const sampler = new UniformSampler({ length: 40, random: random.stream('shuffle') });
    const learner = createLearner();
    const before = await own.exportState(learner);
    await fit({ learner, random, loader: new BatchLoader({ dataset, sampler, batchSize: 8, random }) });
    const after = await own.exportState(learner);
    for (const [name, { data }] of before) expect(after.get(name)?.data, name).not.toEqual(data);
    const loaded = createLearner();
    own.importState(loaded, after);
    expect(await other.exportState(loaded)).toEqual(after);
    learner.dispose();
    loaded.dispose();
  });
});
