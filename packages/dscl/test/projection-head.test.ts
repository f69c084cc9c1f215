import { ProjectionHead } from '@ltml/dscl';
import { differentiate, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { expectNoLeak } from './support.ts';

it('gives unit vectors for features of any shape, and a finite gradient for zeros', () => {
  const head = new ProjectionHead({ features: 6, dimension: 4, random: new RandomStream(2) });
  const features = tf.randomNormal<tf.Rank.R3>([3, 5, 6], 0, 1, 'float32', 1);
  expectNoLeak(() => {
    const embedding = head.forward(features);
    expect(embedding.shape).toEqual([3, 5, 4]);
    expectClose(tf.norm(embedding, 2, 2).dataSync(), new Float32Array(15).fill(1), { relative: 1e-5 });
  });
  for (const { variable } of [head.hidden, head.output].flatMap(({ bias }) => bias ?? [])) {
    tf.tidy(() => variable.assign(tf.zerosLike(variable)));
  }
  const { gradients } = differentiate(
    () => ({ loss: tf.sum(head.forward(tf.zeros([2, 6]))) as tf.Scalar, terms: {} }),
    [...head.namedParameters()].map(([, parameter]) => parameter),
  );
  for (const gradient of gradients.values()) expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
  head.dispose();
});
