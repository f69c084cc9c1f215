import type { BytePicture } from '@ltml/images';
import type { Model } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import type * as tf from '@tensorflow/tfjs-core';
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
  if (!learner.evidence) {
    throw new UsageError('--explain: the learner of this run does not attend by class; train one with CPRFL');
  }
  const maps = learner.evidence(input);
  const [, , height, width] = maps.shape;
  const values = await maps.data<'float32'>();
  maps.dispose();
  for (const { class: name } of shown) {
    const at = classes.indexOf(name) * height * width;
    const map = { height, width, values: values.subarray(at, at + height * width) };
    await writeEvidenceMap(names.next(file, name), picture, map);
  }
}
