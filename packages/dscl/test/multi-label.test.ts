import { dsclLoss, dsclMultiLabelImage, dsclMultiLabelInstances, instancesOf } from '@ltml/dscl';
import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { differences, dot, type Matrix } from './oracle.ts';
import { directions, drawCase, expectNoLeak, integers, matrix, tensorsOf } from './support.ts';

const drawLabels = (rows: number, C: number, random: RandomStream): number[][] =>
  Array.from({ length: rows }, () => Array.from({ length: C }, () => random.integer(3) - 1));

interface Rules {
  readonly weighting: 'binary' | 'jaccard';
  readonly unknown: 'ignore' | 'negative';
}

/** One anchor after the other, one key after the other. */
function imageOracle(z: Matrix, own: Matrix, y: Matrix, keys: Matrix, yKeys: Matrix, rules: Rules): number[] {
  const [alpha, temperature] = [0.2, 0.3];
  return z.map((anchor, i) => {
    const count = (k: number, counts: (a: number, b: number) => boolean): number =>
      y[i].filter((a, c) => counts(a, yKeys[k][c])).length;
    const candidates = keys.flatMap((key, k) => {
      const shared = count(k, (a, b) => a === 1 && b === 1);
      const either = count(k, (a, b) => a === 1 || b === 1);
      const uncertain = count(k, (a, b) => (a === 1 && b === 0) || (a === 0 && b === 1)) > 0;
      if (shared === 0 && uncertain && rules.unknown === 'ignore') return [];
      const weight = rules.weighting === 'binary' ? Number(shared > 0) : shared / Math.max(either, 1);
      return [{ logit: dot(anchor, key) / temperature, weight }];
    });
    const logOwn = dot(anchor, own[i]) / temperature;
    const sum = candidates.reduce((total, { logit }) => total + Math.exp(logit), Math.exp(logOwn));
    const weights = candidates.reduce((total, { weight }) => total + weight, 0);
    if (weights === 0) return Math.log(sum) - logOwn;
    const pull = candidates.reduce((total, { logit, weight }) => total + (weight / weights) * logit, 0);
    return Math.log(sum) - alpha * logOwn - (1 - alpha) * pull;
  });
}

describe('dsclMultiLabelImage', () => {
  it.each([
    { weighting: 'binary', unknown: 'ignore' },
    { weighting: 'binary', unknown: 'negative' },
    { weighting: 'jaccard', unknown: 'ignore' },
    { weighting: 'jaccard', unknown: 'negative' },
  ] as const)('gives its definition in plain loops, value and gradient, with %o', (rules) => {
    const random = new RandomStream(3);
    const [z, own, keys] = [6, 6, 17].map((rows) => directions(rows, 5, random));
    const [y, yKeys] = [6, 17].map((rows) => drawLabels(rows, 4, random));
    const options = { alpha: 0.2, temperature: 0.3, ...rules };
    const queue = { keys: matrix(keys), labels: tf.tensor2d(yKeys, [17, 4], 'int32') };
    const labels = tf.tensor2d(y, [6, 4], 'int32');
    const loss = (x: tf.Tensor): tf.Tensor =>
      dsclMultiLabelImage(x as tf.Tensor2D, matrix(own), labels, queue, options);
    expectClose(loss(matrix(z)).dataSync(), imageOracle(z, own, y, keys, yKeys, rules), { relative: 1e-5 });
    const sum = (x: Matrix): number => imageOracle(x, own, y, keys, yKeys, rules).reduce((a, b) => a + b, 0);
    expectClose(
      tf
        .grad((x) => tf.sum(loss(x)))(matrix(z))
        .dataSync(),
      differences(sum, z),
      {
        relative: 1e-3,
        absolute: 1e-4,
      },
    );
  });

  it('is DSCL where every image has one class', () => {
    const case_ = drawCase(4);
    const { anchors, ownKeys, labels, queue } = tensorsOf(case_);
    const signs = (classes: readonly number[]): tf.Tensor2D =>
      tf.tensor2d(
        classes.map((own) => Array.from({ length: 5 }, (_, c) => (c === own ? 1 : -1))),
        [classes.length, 5],
        'int32',
      );
    const image = dsclMultiLabelImage(anchors, ownKeys, signs(case_.labels), {
      keys: queue.keys,
      labels: signs(case_.keyLabels),
    });
    expectClose(image.dataSync(), dsclLoss(anchors, ownKeys, labels, queue).dataSync(), { absolute: 1e-5 });
  });

  it('leaves no tensor behind, and refuses unknown options', () => {
    const { anchors, ownKeys, queue } = tensorsOf(drawCase(5));
    const labels = tf.ones([5, 2]) as tf.Tensor2D;
    const keys = { keys: queue.keys, labels: tf.ones([23, 2]) as tf.Tensor2D };
    expectNoLeak(() => {
      tf.valueAndGrad((z: tf.Tensor) => tf.sum(dsclMultiLabelImage(z as tf.Tensor2D, ownKeys, labels, keys)))(anchors);
    });
    expect(() => dsclMultiLabelImage(anchors, ownKeys, labels, keys, { unknown: 'drop' as never })).toThrow(
      /options\.unknown should be one of ignore, negative, got "drop"/,
    );
  });
});

describe('dsclMultiLabelInstances', () => {
  const random = new RandomStream(6);
  const labels = tf.tensor2d(
    [
      [1, 0, 1],
      [-1, 0, 0],
      [1, 1, -1],
    ],
    [3, 3],
    'int32',
  );
  const cube = (): tf.Tensor3D => tf.tensor(directions(9, 4, random).flat(), [3, 3, 4]) as tf.Tensor3D;
  const [z, own] = [cube(), cube()];
  const queue = {
    keys: matrix(directions(11, 4, random)),
    labels: integers([0, 0, 1, 1, 2, 2, 0, 0, 1, 2, 2]),
    classes: 3,
  };

  it('is DSCL over the present classes of all images, or the mean of the means of the classes', () => {
    const instances = instancesOf(labels);
    expect(Array.from(instances.images.dataSync())).toEqual([0, 0, 2, 2]);
    expect(Array.from(instances.classes.dataSync())).toEqual([0, 2, 0, 1]);
    const flat = (x: tf.Tensor3D): tf.Tensor2D =>
      tf.stack(
        [
          [0, 0],
          [0, 2],
          [2, 0],
          [2, 1],
        ].map(([i, c]) => tf.reshape(tf.slice(x, [i, c, 0], [1, 1, 4]), [4])),
      ) as tf.Tensor2D;
    const each = Array.from(dsclLoss(flat(z), flat(own), integers([0, 2, 0, 1]), queue).dataSync());
    const mean = dsclMultiLabelInstances(z, own, instances, queue).dataSync();
    expectClose(mean, [each.reduce((a, b) => a + b, 0) / 4]);
    const byClass = dsclMultiLabelInstances(z, own, instances, queue, { reduction: 'class-mean' }).dataSync();
    expectClose(byClass, [((each[0] + each[2]) / 2 + each[1] + each[3]) / 3]);
  });

  it('gives no gradient to classes that are absent or unknown', () => {
    const loss = (x: tf.Tensor): tf.Tensor =>
      dsclMultiLabelInstances(x as tf.Tensor3D, own, instancesOf(labels), queue);
    const sizes = tf.sum(tf.abs(tf.grad(loss)(z)), 2).arraySync() as number[][];
    expect(sizes.map((row) => row.map((size) => Number(size > 0)))).toEqual([
      [1, 0, 1],
      [0, 0, 0],
      [1, 1, 0],
    ]);
  });

  it('is 0 without instances, leaves no tensor behind, and refuses an unknown reduction', () => {
    const none = instancesOf(tf.zeros([3, 3]));
    const loss = (x: tf.Tensor): tf.Tensor => dsclMultiLabelInstances(x as tf.Tensor3D, own, none, queue);
    const { value, grad } = tf.valueAndGrad(loss)(z);
    expect(value.dataSync()[0]).toBe(0);
    expect(Array.from(grad.dataSync())).toEqual(Array(36).fill(0));
    const instances = instancesOf(labels);
    expectNoLeak(() => {
      tf.valueAndGrad((x: tf.Tensor) => dsclMultiLabelInstances(x as tf.Tensor3D, own, instances, queue))(z);
    });
    expect(() => dsclMultiLabelInstances(z, own, instances, queue, { reduction: 'sum' as never })).toThrow(
      /reduction should be one of mean, class-mean, got "sum"/,
    );
  });
});
