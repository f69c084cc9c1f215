import * as tf from '@tensorflow/tfjs-core';

/**
 * Applies an elementwise computation to many rows of tensors with few kernel calls.
 *
 * A network has many small vectors (biases, norms: 107 of ResNet-50's 161 parameters), and a kernel call for 64 numbers
 * takes as long as one for a million. So vectors are concatenated and computed together. Tensors of other ranks are
 * computed one by one, because concatenating them would copy most of the model. Elementwise means: an output entry
 * depends only on the input entries at the same position. The results are therefore bit for bit the same.
 *
 * @param rows the inputs of each result, all of the same shape
 * @param compute computes the results of a row. It is called once for all vectors and once for each other row. Other
 *   tensors that it makes are disposed at once, so that for the large tensors only the results are held
 * @returns the results of each row
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
