import { Linear, type LinearOptions } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** A linear layer whose bias starts at zero, as mmcv's initialisers leave it (PyTorch's own start is random). */
export function linearFromZero(options: LinearOptions): Linear {
  const layer = new Linear(options);
  const { bias } = layer;
  if (bias) tf.tidy(() => bias.variable.assign(tf.zerosLike(bias.variable)));
  return layer;
}
