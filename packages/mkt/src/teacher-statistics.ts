import * as tf from '@tensorflow/tfjs-core';

const imagenet = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };
const clip = { mean: [0.48145466, 0.4578275, 0.40821073], deviation: [0.26862954, 0.26130258, 0.27577711] };

/**
 * Renormalises images [B, H, W, 3] from ImageNet's mean and standard deviation to CLIP's. CLIP was trained with the
 * latter.
 */
export function withClipStatistics(images: tf.Tensor): tf.Tensor {
  const scale = imagenet.deviation.map((deviation, c) => deviation / clip.deviation[c]);
  const shift = imagenet.mean.map((mean, c) => (mean - clip.mean[c]) / clip.deviation[c]);
  return tf.tidy(() => tf.add(tf.mul(images, tf.tensor1d(scale)), tf.tensor1d(shift)));
}
