import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs an elementwise computation over many rows of equally shaped tensors with few kernels.
 *
 * A network has many small vectors (biases, norms: 107 of ResNet-50's 161 parameters), and a kernel costs the same to
 * start for 64 numbers as for a million. So the vectors are joined and go through the computation once; anything of
 * another rank goes alone, since joining it would cost a copy of the large part of the model. Elementwise means that an
 * output entry depends on the input entries at its own place only; results are then the same to the bit either way.
 *
 * @param rows each the inputs for one result, equally shaped
 * @param compute from such a row to its results; called once for all vectors and once for each other row, and what it makes
 *   besides is disposed of at once, so that of the large part of a model only results are held
 * @returns results by row
 */
export function mapJoined(
  rows: readonly (readonly tf.Tensor[])[],
  compute: (row: readonly tf.Tensor[]) => readonly tf.Tensor[],
): readonly (readonly tf.Tensor[])[] {
  const run = (row: readonly tf.Tensor[]): tf.Tensor[] => tf.tidy(() => [...compute(row)]);
  const vectors = rows.filter(([first]) => first.rank === 1);
  if (vectors.length < 2) return rows.map(run);
  const sizes = vectors.map(([first]) => first.size);
  const joined = vectors[0].map((_, column) => tf.concat(vectors.map((row) => row[column] as tf.Tensor1D)));
  const columns = run(joined).map((result) => tf.split(result, sizes));
  let next = 0;
  return rows.map((row) => {
    if (row[0].rank !== 1) return run(row);
    const results = columns.map((column) => column[next]);
    next++;
    return results;
  });
}
