import { clipSimilarity, clipTextTower } from '@ltml/backbone';
import * as tf from '@tensorflow/tfjs-core';
import { fillByFormula } from './formula-weights.ts';

/**
 * CLIP's full-size text tower with weights from the formula: the outputs of its stages under the names of the file, and
 * the similarity of an image with the texts.
 *
 * @param imageEmbedding [1, D]
 * @param tokenRows token ids of each text with start and end; padded with zeros to 77
 */
export function fullTextTower(
  salt: string,
  imageEmbedding: tf.Tensor,
  tokenRows: readonly (readonly number[])[],
): Record<string, tf.Tensor> {
  const tower = clipTextTower({ embedding: imageEmbedding.shape[1] ?? 0 }).eval();
  fillByFormula(tower, salt);
  const results = tf.tidy(() => {
    const padded = tokenRows.map((row) => [...row, ...new Array<number>(77 - row.length).fill(0)]);
    const ids = tf.tensor2d(padded, undefined, 'int32');
    const { blocks, tokens, embedding } = tower.forwardStages(ids);
    return {
      'text.block0': blocks[0],
      'text.block11': blocks[11],
      'text.ln_final': tokens,
      'text.text_embedding': embedding,
      // The formula gives the logit scale its initial value of training.
      logits_per_image: clipSimilarity(imageEmbedding, embedding, tf.scalar(Math.log(1 / 0.07))),
    };
  });
  tower.dispose();
  return results;
}
