import { existsSync } from 'node:fs';
import type { Encoder, EncodingName } from '@ltml/tensor/contract';
import {
  configHash,
  type FeatureIndex,
  type FeatureStorage,
  featureStorages,
  openFeatures,
  readFeatureIndex,
} from '@ltml/train/node';
import type { FindFeatures } from '../../build/inputs.ts';
import { encodingOf } from '../../model/encoding-of.ts';
import type { EncoderConfig } from '../../parts/encoders.ts';
import { type EncoderIdentity, type FeatureKey, featureFolder, featureKey, identityOf } from './feature-key.ts';

/** The folder of finished features with at least `views` views; undefined if there is none. */
export async function storedIndex(
  dir: string,
  key: FeatureKey,
  storage: FeatureStorage,
  views: number,
): Promise<{ readonly folder: string; readonly index: FeatureIndex } | undefined> {
  const folder = featureFolder(dir, key, storage);
  const index = await readFeatureIndex(folder);
  return index && index.hash === configHash(key) && index.views >= views ? { folder, index } : undefined;
}

/**
 * Finds stored features of an encoder that `ltml encode` wrote. Of several number formats it takes the most exact.
 *
 * @param dir folder of features; it need not exist
 * @param encodings wanted ones; the first that the encoder has is used
 */
export function featureFinder(
  dir: string,
  config: EncoderConfig,
  network: Encoder,
  encodings: readonly EncodingName[],
): FindFeatures {
  if (!existsSync(dir)) return async () => undefined;
  let identity: Promise<EncoderIdentity> | undefined;
  return async (images, pipeline, imageShape, views) => {
    identity ??= identityOf(config, network);
    const encoding = encodingOf(network, encodings, imageShape);
    const key = await featureKey(await identity, { images, pipeline, imageShape, encoding });
    for (const storage of featureStorages) {
      const found = await storedIndex(dir, key, storage, views);
      if (!found) continue;
      const { inputs, close } = await openFeatures(found.folder, { views });
      return { inputs, folder: found.folder, storage, error: found.index.error, close };
    }
    return undefined;
  };
}
