import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { local } from '../../src/ranks/local.ts';
import { reduceTensors } from '../../src/ranks/reduce-tensors.ts';

const bytesOf = (values: Float32Array): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

/** Three ranks with the same values, of which two are not there: a sum is ready a while after it was begun. */
function slowly(log: string[]) {
  let begun = 0;
  return {
    ...local,
    size: 3,
    async allReduce(values: Float32Array) {
      const bucket = begun++;
      log.push(`begin ${bucket}`);
      const sent = values.slice();
      await new Promise((resolve) => setTimeout(resolve, 20));
      // What is on its way is not touched.
      expect(bytesOf(values).equals(bytesOf(sent))).toBe(true);
      for (let i = 0; i < values.length; i++) values[i] *= 3;
      log.push(`end ${bucket}`);
    },
  };
}

it('sums bucket by bucket, one at a time, and gives the values bit for bit', async () => {
  const random = new RandomStream(1);
  const sizes = [4_000_000, 3_000_000, 5, 5_000_000];
  const values = sizes.map((size) => Float32Array.from({ length: size }, () => random.uniform(-1, 1)));
  const before = tf.memory().numTensors;
  const log: string[] = [];
  const { means, flags } = await reduceTensors(
    slowly(log),
    values.map((each) => tf.tensor1d(each)),
    true,
  );
  expect(flags).toBe(3);
  expect(log).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']);
  for (const [i, mean] of means.entries()) {
    const third = Float32Array.from(values[i], (value) => Math.fround(value * 3) * (1 / 3));
    expect(bytesOf(mean.dataSync<'float32'>()).equals(bytesOf(third)), `tensor ${i}`).toBe(true);
  }
  tf.dispose(means);
  expect(tf.memory().numTensors).toBe(before);
});

it('carries the flag alone where there is nothing to sum', async () => {
  expect(await reduceTensors(slowly([]), [], true)).toEqual({ means: [], flags: 3 });
  expect(await reduceTensors(slowly([]), [], false)).toEqual({ means: [], flags: 0 });
});
