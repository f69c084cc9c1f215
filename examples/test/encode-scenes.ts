import { type ResNet, resnetTinyStatistics, type TinyClip } from '@ltml/backbone';
import { digitsLt, imageInputs } from '@ltml/data';
import * as tf from '@tensorflow/tfjs-core';

export interface Encoders {
  readonly resnetTiny: ResNet;
  readonly tinyClip: TinyClip;
}

const scenes = [0, 1, 2, 3, 4, 5];
const texts = ['a photo of a red three.', 'a photo of a green seven.', 'nothing'];

/** What both encoders make of the first test scenes, in a browser and in Node; disposes of them. */
export async function encodeScenes({ resnetTiny, tinyClip }: Encoders): Promise<Record<string, number[]>> {
  const { test } = await digitsLt();
  const inputs = imageInputs(test.images, [{ name: 'normalize', ...resnetTinyStatistics }]);
  const images = tf.tensor(await inputs.read(scenes), [scenes.length, 64, 64, 3]);
  const { shape, ids } = tinyClip.tokenizer.tokenize(texts);
  const tokens = tf.tensor(ids, [...shape], 'int32');
  const { featureMap, features, imageFeatures, textFeatures, logits } = tf.tidy(() => {
    const { featureMap, features } = resnetTiny.forward(images);
    return { featureMap, features, ...tinyClip.clip.forward(images, tokens) };
  });
  const outputs = { featureMap, features, imageFeatures, textFeatures, logits };
  const values: Record<string, number[]> = {};
  for (const [name, tensor] of Object.entries(outputs)) values[name] = Array.from(await tensor.data());
  tf.dispose([outputs, images, tokens]);
  resnetTiny.dispose();
  tinyClip.clip.dispose();
  return values;
}
