import { poolPlaces, similarPlaces } from '@ltml/coop';
import { OptionError, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { normal } from './support.ts';

const places = normal<tf.Rank.R3>([2, 4, 3], 1);
const classes = { absent: normal<tf.Rank.R2>([5, 3], 2), present: normal<tf.Rank.R2>([5, 3], 3) };

/** The equation in plain loops. */
function pooled(cosineScale: number, outputScale: number) {
  const [z, absent, present] = [places.arraySync(), classes.absent.arraySync(), classes.present.arraySync()];
  const cosine = (a: number[], b: number[]): number => {
    const dot = (x: number[], y: number[]): number => x.reduce((sum, value, i) => sum + value * y[i], 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  return z.flatMap((image) =>
    present.map((of, c) => {
      const exponents = image.map((place) => Math.exp(cosineScale * cosine(of, place)));
      const total = exponents.reduce((sum, e) => sum + e, 0);
      const mean = (by: number[]): number =>
        image.reduce((sum, place, p) => sum + (exponents[p] / total) * cosineScale * cosine(by, place), 0);
      return { absent: outputScale * mean(absent[c]), present: outputScale * mean(of) };
    }),
  );
}

it('pools both similarities by where a class is most alike', () => {
  for (const [cosineScale, outputScale] of [
    [20, 5],
    [3, 0.5],
  ]) {
    const expected = pooled(cosineScale, outputScale);
    const got = poolPlaces(places, classes, { cosineScale, outputScale });
    const close = { relative: 1e-4, absolute: 1e-4 };
    for (const sign of ['absent', 'present'] as const) {
      expectClose(
        got[sign].dataSync(),
        expected.map((of) => of[sign]),
        close,
      );
    }
  }
});

it('goes by directions alone', () => {
  const longer = tf.mul<tf.Tensor3D>(places, tf.tensor3d([1, 5, 0.1, 30], [1, 4, 1]));
  const got = poolPlaces(longer, { ...classes, present: tf.mul(classes.present, 7) });
  expectClose(got.present.dataSync(), poolPlaces(places, classes).present.dataSync(), { absolute: 1e-4 });
});

it('has a cosine of 0 for what has no direction', () => {
  const nothing = poolPlaces(tf.zeros([1, 4, 3]), classes);
  expect(Array.from(nothing.present.dataSync())).toEqual([0, 0, 0, 0, 0]);
});

it('shows how alike each place is', () => {
  const cosines = similarPlaces(places, classes);
  expect(cosines.shape).toEqual([2, 5, 4]);
  expect(Math.max(...Array.from(cosines.dataSync(), Math.abs))).toBeLessThanOrEqual(1 + 1e-6);
});

it('refuses what does not fit, and keeps nothing but its results', () => {
  expect(() => poolPlaces(places, { ...classes, absent: tf.ones([4, 3]) })).toThrow(ShapeError);
  expect(() => poolPlaces(places, classes, { cosineScale: Number.NaN })).toThrow(OptionError);
  const before = tf.memory().numTensors;
  const got = poolPlaces(places, classes);
  expect(tf.memory().numTensors).toBe(before + 2);
  tf.dispose(got);
});
