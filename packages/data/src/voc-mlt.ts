import { DataError } from '@ltml/tensor';
import type { Labels, SparseLabels } from '@ltml/tensor/labels';
import { CPythonRandom, CPythonSet } from './cpython.ts';
import { paretoReference, selectLongTailed } from './long-tail.ts';

/** Number of images in VOC 2012 trainval. */
const poolSize = 11540;

/**
 * Rebuilds the published training set of VOC-MLT (VOC-LT) from the user's own VOC 2012.
 *
 * It repeats the published script draw by draw, with the generator and the set order of the CPython version that ran
 * it. The result is the published 1,142 images in their order.
 *
 * @param pool labels of the 11,540 images of VOC 2012 trainval, sorted by id, with the 20 classes in alphabetical
 *   order. Objects marked difficult count as present
 * @returns [1142] indices into the pool
 * @throws DataError if the pool has another size
 * Source: Wu et al. (ECCV 2020), released code.
 */
export function reconstructVocMlt(pool: Labels | SparseLabels): Int32Array {
  if (pool.rows !== poolSize || pool.columns !== 20) {
    throw new DataError({
      where: 'reconstructVocMlt',
      argument: 'pool',
      expected: `${poolSize} images of 20 classes, VOC 2012 trainval`,
      received: `${pool.rows} images of ${pool.columns} classes`,
    });
  }
  const random = new CPythonRandom(0);
  return selectLongTailed(pool, paretoReference(20, { max: 800 }), {
    createSet: () => new CPythonSet(),
    draw: (population, count) => random.sample(population, count),
    clampToAvailable: false,
  });
}
