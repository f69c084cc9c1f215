import { MersenneTwister } from '@ltml/tensor';
import { expect, test } from 'vitest';

test('numpy.random.seed(0) gives NumPy’s first uniforms', () => {
  const random = new MersenneTwister(0);
  expect([random.uniform(), random.uniform(), random.uniform()]).toEqual([
    0.5488135039273248, 0.7151893663724195, 0.6027633760716439,
  ]);
});

test('init_by_array([0]) gives CPython’s first words', () => {
  const random = new MersenneTwister([0]);
  expect([random.bits(), random.bits(), random.bits()]).toEqual([3626764237, 1654615998, 3255389356]);
});
