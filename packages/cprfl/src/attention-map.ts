import { checkCount, checkOptionNames, checkShapes, ShapeError, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link attentionMaps}: the size of the feature map that the head was given. */
export interface AttentionMapsOptions {
  /** H, height of the feature map. */
  readonly height: number;
  /** W, width of the feature map. */
  readonly width: number;
}

/**
 * Where each class looks in the image: its attention to each place of the feature map, averaged over the heads.
 *
 * A map can sum to less than 1, because a class also attends to the prompts.
 *
 * @param attention [B, h, C, H · W + C] of {@link CprflHead.forward}
 * @returns [B, C, H, W]
 * @throws ShapeError, OptionError
 */
export function attentionMaps(attention: tf.Tensor4D, options: AttentionMapsOptions): tf.Tensor4D {
  checkOptionNames('attentionMaps', options, ['height', 'width']);
  const { height, width } = options;
  checkCount('attentionMaps', 'options.height', height);
  checkCount('attentionMaps', 'options.width', width);
  const { B, C, L } = checkShapes('attentionMaps', { attention: [attention, 'B * C L'] });
  if (L !== height * width + C) {
    throw new ShapeError({
      where: 'attentionMaps',
      argument: 'attention',
      expected: `[B, h, C, H · W + C] = [${B}, h, ${C}, ${height * width + C}]`,
      received: `[${attention.shape.join(', ')}]`,
    });
  }
  // Some engines fail on empty tensors.
  if (attention.size === 0) return zerosBehind([B, C, height, width], attention);
  return tf.tidy(() => {
    const everyHead = tf.mean<tf.Tensor3D>(attention, 1);
    return tf.reshape(tf.slice(everyHead, [0, 0, 0], [B, C, height * width]), [B, C, height, width]);
  });
}
