import { attentionMaps } from '@ltml/cprfl';
import type { BytePicture } from '@ltml/images';
import type { Model } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import * as tf from '@tensorflow/tfjs-core';
import { writeEvidenceMap } from './evidence-map.ts';
import type { MapNames } from './map-names.ts';
import type { RankedClass } from './prediction.ts';

/**
 * Writes the picture for each of the classes, under a shade that is lifted where the class looks: by its attention to the
 * places of the feature map, the mean of the heads.
 *
 * @param input of the learner, for this picture
 * @throws UsageError for a learner that does not attend by class
 */
export async function explain(
  names: MapNames,
  file: string,
  picture: BytePicture,
  input: tf.Tensor,
  { learner, classes }: Model,
  shown: readonly RankedClass[],
): Promise<void> {
  const maps = tf.tidy(() => mapsOf(learner.forward(input).attention, classes.length));
  const [, , size] = maps.shape;
  const values = await maps.data<'float32'>();
  maps.dispose();
  for (const { class: name } of shown) {
    const at = classes.indexOf(name) * size * size;
    const map = { size, values: values.subarray(at, at + size * size) };
    await writeEvidenceMap(names.next(file, name), picture, map);
  }
}

/** [1, C, H, W] of the attention [1, h, C, H · W + C], from the square map of a square picture. */
function mapsOf(attention: tf.Tensor | undefined, classes: number): tf.Tensor4D {
  const places = (attention?.shape[3] ?? Number.NaN) - classes;
  const side = Math.sqrt(places);
  if (attention?.shape[2] === classes && Number.isInteger(side)) {
    return attentionMaps(attention as tf.Tensor4D, { height: side, width: side });
  }
  throw new UsageError('--explain: the learner of this run does not attend by class; train one with CPRFL');
}
