import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { selfTest } from '../src/self-test.ts';

/** Runs with one kernel of the active engine changed. */
async function withKernel(name: string, change: (kernel: tf.KernelFunc) => tf.KernelFunc, run: () => Promise<void>) {
  const original = tf.getKernel(name, tf.getBackend());
  tf.unregisterKernel(name, original.backendName);
  tf.registerKernel({ ...original, kernelFunc: change(original.kernelFunc) });
  try {
    await run();
  } finally {
    tf.unregisterKernel(name, original.backendName);
    tf.registerKernel(original);
  }
}

test('the active engine passes, and no tensor is left', async () => {
  const before = tf.memory().numTensors;
  await selfTest();
  expect(tf.memory().numTensors).toBe(before);
});

test.each([
  ['Conv2D', 'the convolution is wrong'],
  ['Conv2DBackpropInput', 'input gradient is wrong'],
  ['Conv2DBackpropFilter', 'filter gradient is wrong'],
])('an engine whose %s is off by one step fails', async (name, message) => {
  const offByOne = (kernel: tf.KernelFunc) => (args: Parameters<tf.KernelFunc>[0]) => {
    const right = kernel(args) as tf.TensorInfo;
    const tensor = tf.engine().makeTensorFromTensorInfo(right);
    const wrong = tf.add(tensor, 1);
    tensor.dispose();
    return wrong;
  };
  await withKernel(name, offByOne as never, async () => {
    await expect(selfTest()).rejects.toThrow(message);
  });
});
