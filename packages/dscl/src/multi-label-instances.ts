import { checkChoice, checkOptionNames, checkShapes, checkWholeTensor, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type DsclOptions, dsclLoss } from './contrastive-loss.ts';
import type { LabelledKeys } from './labelled-keys.ts';

/** The instances of a batch: M pairs of an image and a class that is present in it. */
export interface Instances {
  /** [M] int32, the index of the image in the batch. */
  readonly images: tf.Tensor1D;
  /** [M] int32, the class. */
  readonly classes: tf.Tensor1D;
}

/** Options of {@link dsclMultiLabelInstances}. */
export interface InstanceOptions extends Pick<DsclOptions, 'temperature' | 'alpha' | 'emptyPositives'> {
  /**
   * `mean` (default): the mean over instances. `class-mean`: the mean over instances of each class, then over classes,
   * so that all classes have the same weight.
   */
  readonly reduction?: 'mean' | 'class-mean';
}

/**
 * The instances of a batch: each image with each of its present classes, in order of image, then class. Unknown and
 * absent classes give no instance, so an unknown class is never a negative.
 *
 * The number of instances depends on the values of the labels, so this does not work in a compiled step.
 *
 * @param labels [B, C] 1 present, 0 unknown, −1 absent; or 1 and 0
 * @throws ShapeError; DataError for other labels
 */
export function instancesOf(labels: tf.Tensor2D): Instances {
  const { C } = checkShapes('instancesOf', { labels: [labels, 'B C'] });
  checkWholeTensor('instancesOf', 'labels', labels, -1, 1);
  const places = Array.from(labels.dataSync().entries()).flatMap(([at, label]) => (label === 1 ? [at] : []));
  const integers = (values: number[]): tf.Tensor1D => tf.tensor1d(values, 'int32');
  return { images: integers(places.map((at) => Math.floor(at / C))), classes: integers(places.map((at) => at % C)) };
}

/**
 * The embeddings of the instances, [B, C, D] → [M, D]. Enqueue them with `instances.classes`.
 *
 * @throws ShapeError; DataError for an image or a class outside the embeddings
 */
export function gatherInstances(embeddings: tf.Tensor3D, instances: Instances): tf.Tensor2D {
  checkInstances('gatherInstances', embeddings, instances);
  return gatherRows(embeddings, instances);
}

function gatherRows(embeddings: tf.Tensor3D, { images, classes }: Instances): tf.Tensor2D {
  const [B, C, D] = embeddings.shape;
  // Some engines fail on empty tensors.
  if (images.size * D === 0) return zerosBehind<tf.Rank.R2>([images.size, D], embeddings);
  return tf.tidy(() => {
    const [row, column] = [images, classes].map((x) => tf.cast(x, 'int32'));
    const places = tf.add(tf.mul(row, tf.scalar(C, 'int32')), column);
    return tf.gather(tf.reshape(embeddings, [B * C, D]), places);
  }) as tf.Tensor2D;
}

function checkInstances(where: string, embeddings: tf.Tensor3D, { images, classes }: Instances): void {
  const { B, C } = checkShapes(where, {
    embeddings: [embeddings, 'B C D'],
    'instances.images': [images, 'M'],
    'instances.classes': [classes, 'M'],
  });
  checkWholeTensor(where, 'instances.images', images, 0, B - 1);
  checkWholeTensor(where, 'instances.classes', classes, 0, C - 1);
}

/**
 * DSCL over class features, for models that give a feature for each class (semantic decoupling, class prompts). **This
 * is our extension, not from the paper.**
 *
 * Each image with a present class is one anchor of that class. So |P| follows the class frequencies, as with one class
 * per image.
 *
 * @param embeddings [B, C, D] unit vectors of the query view
 * @param ownKeys [B, C, D] unit vectors of the key view
 * @param instances the instances of the batch, from {@link instancesOf}
 * @param queue keys of past instances
 * @returns a scalar in nats; 0 without instances
 * @throws ShapeError, OptionError; DataError for an image or a class outside the embeddings
 */
export function dsclMultiLabelInstances(
  embeddings: tf.Tensor3D,
  ownKeys: tf.Tensor3D,
  instances: Instances,
  queue: LabelledKeys,
  options: InstanceOptions = {},
): tf.Scalar {
  const where = 'dsclMultiLabelInstances';
  checkOptionNames(where, options, ['temperature', 'alpha', 'emptyPositives', 'reduction']);
  checkInstances(where, embeddings, instances);
  checkShapes(where, { embeddings: [embeddings, 'B C D'], ownKeys: [ownKeys, 'B C D'] });
  const { reduction = 'mean', ...others } = options;
  checkChoice(where, 'options.reduction', reduction, ['mean', 'class-mean']);
  if (instances.images.size === 0) {
    return zerosBehind<tf.Rank.R0>([], embeddings);
  }
  return tf.tidy(() => {
    const [anchors, keys] = [embeddings, ownKeys].map((all) => gatherRows(all, instances));
    const losses = dsclLoss(anchors, keys, instances.classes, queue, others);
    if (reduction === 'mean') return tf.mean<tf.Scalar>(losses);
    const classes = tf.cast(instances.classes, 'int32') as tf.Tensor1D;
    const counts = tf.unsortedSegmentSum(tf.ones([losses.size]), classes, queue.classes);
    const shares = tf.div(1, tf.gather(counts, classes));
    const present = tf.sum(tf.cast(tf.greater(counts, 0), 'float32'));
    return tf.div<tf.Scalar>(tf.sum(tf.mul(losses, shares)), present);
  });
}
