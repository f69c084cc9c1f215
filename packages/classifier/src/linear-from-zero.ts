import { Linear, type LinearOptions } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** A linear layer whose bias starts at zero, as with the initialisers of mmcv. (PyTorch starts it at random.) */
export function linearFromZero(options: LinearOptions): Linear {
  const layer = new Linear(options);
  const { bias } = layer;
  if (bias) tf.tidy(() => bias.variable.assign(tf.zerosLike(bias.variable)));
  return layer;
}
