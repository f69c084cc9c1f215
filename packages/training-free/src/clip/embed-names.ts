import { inTemplate, l2Normalize, readTexts, type TextReader } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Embeddings of names: each name in each template, of length 1, averaged over the templates, and of length 1 again.
 *
 * @param names at least one
 * @param templates at least one text with `{}` for the name
 * @returns [C, D] unit vectors
 * @throws OptionError without names, and for a text with more tokens than the tower accepts
 */
export function embedNames(names: readonly string[], templates: readonly string[], reader: TextReader): tf.Tensor2D {
  const texts = names.flatMap((name) => templates.map((template) => inTemplate(template, name)));
  return tf.tidy(() => {
    const unit = l2Normalize(readTexts('embedNames', texts, reader));
    const grouped = tf.reshape(unit, [names.length, templates.length, unit.shape[1] as number]);
    return l2Normalize(tf.mean(grouped, 1)) as tf.Tensor2D;
  });
}
