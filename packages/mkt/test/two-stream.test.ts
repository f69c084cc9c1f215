import { combineStreams, labelStreams, localEvidence, topKPool } from '@ltml/mkt';
import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as oracle from './oracle.ts';
import { randomTensor } from './support.ts';

const choices = ['mean', 'sum', 'global', 'local'] as const;

/** Images and labels of random shapes, as tensors; to be called in a tidy. */
function example(seed: number, scale = 1) {
  const random = new RandomStream(seed);
  const [B, N, C, D] = [1 + random.integer(3), 1 + random.integer(7), 1 + random.integer(6), 2 + random.integer(4)];
  const features = randomTensor<tf.Tensor2D>([B, D], random, scale);
  const patches = randomTensor<tf.Tensor3D>([B, N, D], random, scale);
  return {
    image: { features, patches },
    labels: randomTensor<tf.Tensor2D>([C, D], random),
    topK: 1 + random.integer(9),
  };
}

function scores(
  { image, labels, topK }: ReturnType<typeof example>,
  combine: (typeof choices)[number],
  normalize: boolean,
) {
  return combineStreams(labelStreams(image, labels, { topK }), { combine, normalize });
}

it('equals the equations written out, for any shape, k and way to combine', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.constantFrom(...choices), fc.boolean(), (seed, combine, normalize) => {
      tf.tidy(() => {
        const given = example(seed);
        const patches = given.image.patches.arraySync();
        const labels = given.labels.arraySync();
        const expected = given.image.features
          .arraySync()
          .flatMap((feature, b) =>
            oracle.scores({ feature, patches: patches[b] }, labels, { topK: given.topK, combine, normalize }),
          );
        expectClose(scores(given, combine, normalize).dataSync(), expected, { absolute: 1e-5 });
      });
    }),
    { numRuns: 60, seed: 1 },
  );
});

describe('laws', () => {
  const property = (check: (given: ReturnType<typeof example>, plain: tf.Tensor2D) => void) =>
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        tf.tidy(() => {
          const given = example(seed);
          check(given, scores(given, 'mean', true));
        });
      }),
      { numRuns: 30, seed: 2 },
    );

  it('scores do not change when all labels are scaled alike', () =>
    property((given, plain) => {
      const scaled = scores({ ...given, labels: tf.mul(given.labels, 7.5) }, 'mean', true);
      expectClose(scaled.dataSync(), plain.dataSync(), { absolute: 1e-6 });
    }));

  it('scores do not change with the order of patches', () =>
    property((given, plain) => {
      const image = { ...given.image, patches: tf.reverse(given.image.patches, 1) };
      expectClose(scores({ ...given, image }, 'mean', true).dataSync(), plain.dataSync(), { absolute: 1e-6 });
    }));

  it('scores move with the order of classes', () =>
    property((given, plain) => {
      const moved = scores({ ...given, labels: tf.reverse(given.labels, 0) }, 'mean', true);
      expectClose(tf.reverse(moved, 1).dataSync(), plain.dataSync(), { absolute: 1e-6 });
    }));

  it('each stream has length 1, their mean at most', () =>
    property((given, plain) => {
      const length = (x: tf.Tensor2D): Float32Array => tf.norm(x, 2, 1).dataSync<'float32'>();
      const alone = length(scores(given, 'local', true));
      expectClose(
        alone,
        Array.from(alone, () => 1),
      );
      for (const each of length(plain)) expect(each).toBeLessThanOrEqual(1 + 1e-6);
    }));
});

it('shows the similarities that are pooled', () => {
  tf.tidy(() => {
    const { image, labels, topK } = example(11);
    const pooled = topKPool(localEvidence(image, labels), topK);
    expectClose(pooled.dataSync(), labelStreams(image, labels, { topK }).local.dataSync());
  });
});

it('has the gradients of finite differences', () => {
  tf.tidy(() => {
    const { image, labels } = example(4);
    const weights = randomTensor([image.features.shape[0], labels.shape[0]], new RandomStream(9));
    const inputs = [image.features, image.patches, labels] as const;
    const value = (features: tf.Tensor, patches: tf.Tensor, labels: tf.Tensor): tf.Scalar => {
      const given = { features: features as tf.Tensor2D, patches: patches as tf.Tensor3D };
      const streams = labelStreams(given, labels as tf.Tensor2D, { topK: 2 });
      return tf.sum(tf.mul(combineStreams(streams), weights)) as tf.Scalar;
    };
    const gradients = tf.grads(value)([...inputs]);
    for (const [i, input] of inputs.entries()) {
      const values = input.dataSync<'float32'>();
      const differences = Array.from(values, (_, at) => {
        const at2 = (step: number): number => {
          const moved = Float32Array.from(values);
          moved[at] += step;
          const all = inputs.map((other, j) => (j === i ? tf.tensor(moved, input.shape) : other));
          return value(all[0], all[1], all[2]).dataSync()[0];
        };
        return (at2(1e-2) - at2(-1e-2)) / 2e-2;
      });
      expectClose(gradients[i].dataSync(), differences, { relative: 1e-2, absolute: 2e-3 });
    }
  });
});

it('stays finite where a stream is zero, and where features are as large as 100', () => {
  tf.tidy(() => {
    for (const scale of [0, 100]) {
      const given = example(6, scale);
      const { value, grad } = tf.valueAndGrad((features) =>
        tf.sum(scores({ ...given, image: { ...given.image, features: features as tf.Tensor2D } }, 'mean', true)),
      )(given.image.features);
      for (const number of [...value.dataSync(), ...grad.dataSync()]) expect(Number.isFinite(number)).toBe(true);
    }
  });
});

it('refuses embeddings of another size, naming them', () => {
  const image = { features: tf.zeros([2, 3]) as tf.Tensor2D, patches: tf.zeros([2, 4, 3]) as tf.Tensor3D };
  const labels = tf.zeros([5, 4]) as tf.Tensor2D;
  expect(() => labelStreams(image, labels)).toThrow(/labels should be \[C, D\] = \[C, 3\]/);
  expect(() => labelStreams(image, tf.zeros([5, 3]) as tf.Tensor2D, { topK: 0 })).toThrow(/topK should be/);
});

describe('a part of the labels at once', () => {
  const random = new RandomStream(8);
  const make = () => ({
    image: {
      features: randomTensor<tf.Tensor2D>([4, 6], random),
      patches: randomTensor<tf.Tensor3D>([4, 30, 6], random),
    },
    labels: randomTensor<tf.Tensor2D>([200, 6], random),
  });

  it('gives the same, in less memory', async () => {
    const { image, labels } = make();
    const run = async (labelsAtOnce: number) => {
      const local = () => labelStreams(image, labels, { topK: 5, labelsAtOnce }).local;
      const { kernels, result } = await tf.profile(local);
      const sizes = kernels.flatMap(({ outputShapes }) => outputShapes.map((shape) => tf.util.sizeFromShape(shape)));
      const values = [...(result as tf.Tensor).dataSync()];
      tf.dispose(result as tf.Tensor);
      return { values, largest: Math.max(...sizes) };
    };
    const [whole, parts] = [await run(200), await run(9)];
    expectClose(parts.values, whole.values);
    expect(whole.largest).toBe(200 * 4 * 30);
    expect(parts.largest).toBeLessThan(whole.largest / 10);
    tf.dispose([image.features, image.patches, labels]);
  });

  it('is a whole number from 1', () => {
    tf.tidy(() => {
      const { image, labels } = make();
      expect(() => labelStreams(image, labels, { labelsAtOnce: 0 })).toThrow(/labelsAtOnce should be a whole number/);
    });
  });
});

it('leaks no tensors', () => {
  const given = example(3);
  const before = tf.memory().numTensors;
  tf.grad((patches) =>
    tf.sum(scores({ ...given, image: { ...given.image, patches: patches as tf.Tensor3D } }, 'mean', true)),
  )(given.image.patches).dispose();
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([given.image.features, given.image.patches, given.labels]);
});
