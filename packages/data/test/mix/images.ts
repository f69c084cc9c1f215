import { RandomStream, RandomStreams } from '@ltml/tensor';
import type { ImageBatch } from '../../src/mix/mix.ts';

/** Images of two columns more than they have rows, each of one level, its row; labels at random, a part of them unknown. */
export function plainImages({ rows, height, share = 1 }: { rows: number; height: number; share?: number }): ImageBatch {
  const [width, columns, random] = [height + 2, 4, new RandomStream(5)];
  const size = height * width * 3;
  const known = Float32Array.from({ length: rows * columns }, () => Number(random.uniform() < share));
  return {
    ...{ rows, columns, height, width, known },
    values: Float32Array.from({ length: rows * size }, (_, at) => Math.floor(at / size)),
    labels: known.map((isKnown) => isKnown * random.integer(2)),
  };
}

const streams = new RandomStreams(3);

/** The stream of an image in a row, as a loader gives it. */
export const streamOf = (row: number): RandomStream => streams.derive('mix', 0, row);
