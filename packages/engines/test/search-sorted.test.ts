import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe.each(['left', 'right'] as const)('searchSorted, %s', (side) => {
  it('counts what lies below, or up to, a value in each row, whatever the engine', async () => {
    const random = new RandomStream(1);
    // Halves, so that many are equal.
    const draw = (): number => Math.round(2 * random.normal(0, 1)) / 2;
    const sorted = Array.from({ length: 3 }, () => Array.from({ length: 9 }, draw).sort((a, b) => a - b));
    const values = Array.from({ length: 3 }, () => Array.from({ length: 5 }, draw));
    const [a, b] = [tf.tensor2d(sorted), tf.tensor2d(values)];
    const places = tf.searchSorted(a, b, side);
    const counts = values.map((row, i) =>
      row.map((value) => sorted[i].filter((entry) => (side === 'left' ? entry < value : entry <= value)).length),
    );
    expect(places.dtype).toBe('int32');
    expect([...(await places.data())]).toEqual(counts.flat());
    tf.dispose([a, b, places]);
  });
});
