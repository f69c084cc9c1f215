import { pbsdLoss } from '@ltml/dscl';
import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { dsclTargets } from '../src/contrastive-loss.ts';
import { dsclLoss } from '../src/index.ts';
import { jointLoss } from '../src/joint-loss.ts';
import { differences, type Matrix, pbsdOracle } from './oracle.ts';
import { directions, drawCase, expectNoLeak, matrix, tensorsOf } from './support.ts';

const stack = (patches: readonly Matrix[]): tf.Tensor3D => tf.stack(patches.map(matrix)) as tf.Tensor3D;

function drawPatches(L: number, B: number, D: number, seed: number) {
  const random = new RandomStream(seed);
  const draw = () => Array.from({ length: L }, () => directions(B, D, random));
  return { teachers: draw(), students: draw() };
}

describe('pbsdLoss', () => {
  it.each([
    [1, 1, 1],
    [3, 4, 9],
    [5, 2, 40],
  ])('gives the equations in plain loops, value and gradient, for %i patches of %i images', (L, B, K) => {
    const { ownKeys, keys } = drawCase(L, { B, K });
    const { teachers, students } = drawPatches(L, B, 6, L + 1);
    const patches = { teachers: stack(teachers), students: stack(students) };
    const loss = (s: tf.Tensor): tf.Tensor =>
      pbsdLoss({ ...patches, students: s as tf.Tensor3D }, matrix(ownKeys), matrix(keys), { temperature: 0.3 });
    const oracle = (changed: Matrix): number[] => {
      const moved = students.map((_, j) => changed.slice(j * B, (j + 1) * B));
      return pbsdOracle(teachers, moved, ownKeys, keys, 0.3).flat();
    };
    const value = loss(patches.students);
    expect(value.shape).toEqual([L, B]);
    expectClose(value.dataSync(), oracle(students.flat()), { relative: 1e-5 });
    const gradient = tf.grad((s) => tf.sum(tf.square(loss(s))))(patches.students);
    const sum = (changed: Matrix): number => oracle(changed).reduce((total, x) => total + x * x, 0);
    expectClose(gradient.dataSync(), differences(sum, students.flat()), { relative: 1e-3, absolute: 1e-4 });
  });

  it('is the entropy of the teacher, without gradient, where the student looks the same way', () => {
    const { ownKeys, keys } = drawCase(3);
    const { teachers } = drawPatches(2, 5, 6, 4);
    const same = stack(teachers);
    const loss = (s: tf.Tensor): tf.Tensor =>
      tf.sum(pbsdLoss({ teachers: same, students: s as tf.Tensor3D }, matrix(ownKeys), matrix(keys)));
    expectClose(tf.grad(loss)(same).dataSync(), new Float32Array(60), { absolute: 1e-6 });
  });

  it('leaves out empty slots', () => {
    const { ownKeys, keys } = drawCase(5);
    const { teachers, students } = drawPatches(2, 5, 6, 6);
    const filled = keys.map((_, k) => Number(k % 3 > 0));
    const masked = pbsdLoss({ teachers: stack(teachers), students: stack(students) }, matrix(ownKeys), matrix(keys), {
      filled: tf.tensor2d([filled]),
    });
    const kept = keys.filter((_, k) => filled[k] === 1);
    expectClose(masked.dataSync(), pbsdOracle(teachers, students, ownKeys, kept, 0.07).flat(), { relative: 1e-4 });
  });

  it('leaves no tensor behind, and refuses other shapes', () => {
    const { ownKeys, keys } = drawCase(7);
    const { teachers, students } = drawPatches(2, 5, 6, 8);
    const patches = { teachers: stack(teachers), students: stack(students) };
    const [own, queue] = [matrix(ownKeys), matrix(keys)];
    expectNoLeak(() => {
      tf.valueAndGrad((s: tf.Tensor) => tf.mean(pbsdLoss({ ...patches, students: s as tf.Tensor3D }, own, queue)))(
        patches.students,
      );
    });
    expect(() => pbsdLoss({ ...patches, students: tf.zeros([2, 5, 7]) }, own, queue)).toThrow(
      /patches.students should be \[L, B, D\] = \[2, 5, 6\]/,
    );
  });
});

describe('jointLoss', () => {
  it.each(['queue', 'inbatch'] as const)('gives both losses and their gradients, over %s', (candidates) => {
    const { anchors, ownKeys, labels, queue } = tensorsOf(drawCase(9, { B: 5, K: 30, empty: 0.2 }));
    const { teachers, students } = drawPatches(3, 5, 6, 10);
    const patches = { teachers: stack(teachers), students: stack(students) };
    const options = { temperature: 0.1, candidates, epsilon: 0 };
    const joint = tf.valueAndGrads((z, s) => {
      const batch = { anchors: z as tf.Tensor2D, ownKeys, labels, queue };
      const together = { ...patches, students: s as tf.Tensor3D };
      const { contrast, distillation } = jointLoss(batch, together, options, dsclTargets('test', { alpha: 0.2 }));
      return tf.add(tf.mean(contrast), tf.mul(tf.mean(distillation), 1.5)) as tf.Scalar;
    })([anchors, patches.students]);
    const filled = tf.cast(tf.greaterEqual(queue.labels, 0), 'float32').reshape([1, -1]) as tf.Tensor2D;
    const apart = tf.valueAndGrads((z, s) => {
      const contrast = dsclLoss(z as tf.Tensor2D, ownKeys, labels, queue, { ...options, alpha: 0.2 });
      const together = { ...patches, students: s as tf.Tensor3D };
      const distillation = pbsdLoss(together, ownKeys, queue.keys, { temperature: 0.1, filled });
      return tf.add(tf.mean(contrast), tf.mul(tf.mean(distillation), 1.5)) as tf.Scalar;
    })([anchors, patches.students]);
    expectClose(joint.value.dataSync(), apart.value.dataSync());
    for (const i of [0, 1]) expectClose(joint.grads[i].dataSync(), apart.grads[i].dataSync(), { absolute: 1e-6 });
  });
});
