import { BatchNorm, Conv2d, exportState, Module, RandomStream, recompute } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { randomTensor } from './support.ts';

class Block extends Module {
  readonly conv: Conv2d;
  readonly bn = new BatchNorm({ channels: 3 });
  readonly spare = new BatchNorm({ channels: 1 });

  constructor(seed: number) {
    super();
    const random = new RandomStream(seed);
    this.conv = new Conv2d({ inChannels: 3, outChannels: 3, kernel: 3, padding: 1, random });
  }

  forward(x: tf.Tensor): tf.Tensor {
    return tf.relu(this.bn.forward(this.conv.forward(x)));
  }
}

/** Two blocks, the loss, and its gradients by the input and all parameters that train. */
async function train(recomputing: boolean, frozen: RegExp | undefined) {
  const blocks = [new Block(1), new Block(2)];
  if (frozen) for (const block of blocks) block.freeze(frozen);
  const x = tf.tidy(() => tf.variable(randomTensor([2, 4, 4, 3], 5)));
  const parameters = blocks.flatMap((block) => [...block.trainableParameters()].map(([, { variable }]) => variable));
  const { value, grads } = tf.variableGrads(() => {
    let y: tf.Tensor = x;
    for (const block of blocks) y = recomputing ? recompute(block, (x) => block.forward(x), y) : block.forward(y);
    return tf.sum(tf.mul(y, randomTensor(y.shape, 6))) as tf.Scalar;
  }, [x, ...parameters]);
  const gradients = [x, ...parameters].map(({ name }) => Array.from(grads[name]?.dataSync() ?? []));
  const states = await Promise.all(blocks.map((block) => exportState(block)));
  const result = { loss: value.dataSync()[0], gradients, states };
  tf.dispose([value, grads, x]);
  for (const block of blocks) block.dispose();
  return result;
}

test.each([undefined, /conv/])(
  'values, gradients and running statistics are those of the plain call (frozen: %s)',
  async (frozen) => {
    const before = tf.memory().numTensors;
    const [plain, recomputed] = [await train(false, frozen), await train(true, frozen)];
    expect(recomputed.loss).toBe(plain.loss);
    for (const [i, gradient] of plain.gradients.entries()) {
      // A parameter that the part does not use has no gradient in one, zeros in the other.
      if (gradient.length > 0) expectClose(recomputed.gradients[i], gradient, { relative: 1e-6 });
      else expect(recomputed.gradients[i].every((entry) => entry === 0)).toBe(true);
    }
    expect(recomputed.states).toEqual(plain.states);
    expect(plain.states[0].get('bn.running_mean')?.data).not.toEqual(new Float32Array(3));
    expect(tf.memory().numTensors).toBe(before);
  },
);

test('fewer tensors are kept for the backward pass', () => {
  const block = new Block(1);
  const x = tf.variable(randomTensor([2, 4, 4, 3], 5));
  const kept = (recomputing: boolean): number => {
    let tensors = 0;
    tf.dispose(
      tf.variableGrads(() => {
        const y = recomputing ? recompute(block, (x: tf.Tensor) => block.forward(x), x as tf.Tensor) : block.forward(x);
        tensors = tf.memory().numTensors;
        return tf.sum(y) as tf.Scalar;
      }, [x]),
    );
    return tensors;
  };
  expect(kept(true)).toBeLessThan(kept(false));
  tf.dispose(x);
  block.dispose();
});
