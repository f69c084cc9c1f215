import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectMatchesOracle, randomTensor } from '../../tensor/test/support.ts';
import { contrastiveLoss, contrastivePairs, pairPlaces } from '../src/index.ts';
import { expectNoLeak, randomLabels } from './support.ts';

interface Pair {
  readonly cosine: number;
  readonly place: number;
  readonly kind: 'positive' | 'mixed' | 'negative' | 'unknown';
}

/** All pairs of images and classes, in plain loops. */
function listPairs(x: Float64Array, y: ArrayLike<number>, k: ArrayLike<number>, [B, C, D]: number[]): Pair[] {
  const dot = (i: number, j: number): number => {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += x[i * D + d] * x[j * D + d];
    return sum;
  };
  const pairs: Pair[] = [];
  for (let n = 0; n < B; n++) {
    for (let m = n + 1; m < B; m++) {
      for (let c = 0; c < C; c++) {
        const [i, j] = [n * C + c, m * C + c];
        const norms = Math.sqrt(dot(i, i) * dot(j, j));
        const present = y[i] + y[j];
        const kind = k[i] * k[j] === 0 ? 'unknown' : (['negative', 'mixed', 'positive'] as const)[present];
        pairs.push({ cosine: dot(i, j) / Math.max(norms, 1e-9), place: (c * B + n) * B + m, kind });
      }
    }
  }
  return pairs;
}

/** The released loss: 2P negatives of either kind in the given order, and the P most similar once more. */
function released(pairs: readonly Pair[], order: ArrayLike<number>): number {
  const rank = new Map(Array.from(order, (place, i) => [place, i]));
  const of = (kind: Pair['kind']): Pair[] => pairs.filter((pair) => pair.kind === kind);
  const P = of('positive').length;
  const sampled = (['negative', 'mixed'] as const).flatMap((kind) => {
    const all = of(kind);
    if (P === 0) return all;
    const inOrder = [...all].sort((a, b) => rank.get(a.place)! - rank.get(b.place)!);
    const hardest = [...all].sort((a, b) => b.cosine - a.cosine);
    return [...inOrder.slice(0, 2 * P), ...hardest.slice(0, P)];
  });
  const terms = [...of('positive').map(({ cosine }) => 1 - cosine), ...sampled.map(({ cosine }) => 1 + cosine)];
  return terms.length === 0 ? 0 : terms.reduce((sum, term) => sum + term, 0) / terms.length;
}

const orderOf = (B: number, C: number, seed: number): Int32Array => new RandomStream(seed).shuffle(pairPlaces(B, C));

describe('contrastiveLoss', () => {
  for (const [B, C, D, share] of [
    [6, 4, 3, 0.7],
    [5, 1, 4, 1],
    [2, 3, 2, 0.9],
    [8, 3, 2, 0.15],
  ]) {
    it(`is the released loss of ${B} images and ${C} classes, ${100 * share} % known, and has its gradient`, () => {
      const { labels, known } = randomLabels(B, C, B + C, share);
      const order = orderOf(B, C, 3);
      const pairs = tf.tensor1d(order, 'int32');
      expectMatchesOracle(
        (x) => contrastiveLoss(x as tf.Tensor3D, labels, known, { pairs }),
        (x) => [released(listPairs(x, labels.dataSync(), known.dataSync(), [B, C, D]), order)],
        [randomTensor([B, C, D], 4)],
      );
    });
  }

  it('takes the equation literally, or all known pairs', () => {
    const [B, C, D] = [4, 3, 2];
    const { labels, known } = randomLabels(B, C, 8, 0.6);
    for (const pairs of ['all', 'known'] as const) {
      for (const reduction of ['mean', 'sum'] as const) {
        expectMatchesOracle(
          (x) => contrastiveLoss(x as tf.Tensor3D, labels, known, { pairs, reduction }),
          (x) => {
            const listed = listPairs(x, labels.dataSync(), known.dataSync(), [B, C, D]);
            const counted = listed.filter(({ kind }) => pairs === 'all' || kind !== 'unknown');
            const terms = counted.map(({ kind, cosine }) => (kind === 'positive' ? 1 - cosine : 1 + cosine));
            const sum = terms.reduce((total, term) => total + term, 0);
            return [reduction === 'sum' ? sum : sum / terms.length];
          },
          [randomTensor([B, C, D], 9)],
        );
      }
    }
  });

  it('does not see the length of the features, and lies between 0 and 2', () => {
    const { labels, known } = randomLabels(5, 3, 2, 1);
    const features = randomTensor<tf.Tensor3D>([5, 3, 4], 6);
    const pairs = tf.tensor1d(orderOf(5, 3, 1), 'int32');
    const [once, longer] = [1, 100].map(
      (scale) => contrastiveLoss(tf.mul(features, scale), labels, known, { pairs }).dataSync()[0],
    );
    expectClose([longer], [once]);
    expect(once).toBeGreaterThanOrEqual(0);
    expect(once).toBeLessThanOrEqual(2);
  });

  it('is 0 without pairs: nothing known, or one image', () => {
    for (const [B, share] of [
      [3, 0],
      [1, 1],
    ]) {
      const { labels, known } = randomLabels(B, 2, 1, share);
      const pairs = tf.tensor1d(orderOf(B, 2, 1), 'int32');
      const { value, grad } = tf.valueAndGrad((x) => contrastiveLoss(x as tf.Tensor3D, labels, known, { pairs }))(
        randomTensor([B, 2, 3], 1),
      );
      expect(value.dataSync()[0]).toBe(0);
      expect([...grad.dataSync()]).toEqual(new Array(B * 6).fill(0));
    }
  });

  it('has a finite gradient where a feature is zero', () => {
    const features = tf.tensor3d([[[0, 0]], [[1, 2]], [[3, -1]]]);
    const grad = tf.grad((x) =>
      contrastiveLoss(x as tf.Tensor3D, tf.ones([3, 1]), tf.ones([3, 1]), { pairs: 'known' }),
    )(features);
    const values = [...grad.dataSync()];
    expect(values.slice(0, 2)).toEqual([0, 0]);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(values.slice(2).some((value) => value !== 0)).toBe(true);
  });

  it('counts the pairs of each kind', () => {
    const labels = tf.tensor2d([[1], [1], [0], [0]]);
    const known = tf.tensor2d([[1], [1], [1], [0]]);
    const { counts } = contrastivePairs(randomTensor([4, 1, 2], 1), labels, known, { pairs: 'known' });
    expect([counts.positive, counts.mixed, counts.negative].map((count) => count.dataSync()[0])).toEqual([1, 2, 0]);
  });

  it('refuses pairs that it does not know and orders of another length, and leaves no tensor behind', async () => {
    const { labels, known } = randomLabels(3, 2, 1);
    const features = randomTensor<tf.Tensor3D>([3, 2, 2], 1);
    expect(() => contrastiveLoss(features, labels, known, { pairs: 'some' as never })).toThrow(
      /pairs should be 'known'/,
    );
    expect(() => contrastiveLoss(features, labels, known, { pairs: tf.zeros([5]) })).toThrow(/pairs should be \[6\]/);
    const pairs = tf.tensor1d(orderOf(3, 2, 1), 'int32');
    await expectNoLeak(() =>
      tf.tidy(() => tf.valueAndGrad((x) => contrastiveLoss(x as tf.Tensor3D, labels, known, { pairs }))(features)),
    );
  });
});
