import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { encoderByName } from '@ltml/backbone';
import type { Pictures } from '@ltml/data';
import { arePictureFiles, picturesFingerprint } from '@ltml/data/node';
import type { Pipeline } from '@ltml/images';
import { exportState } from '@ltml/tensor';
import type { Encoder, EncodingName } from '@ltml/tensor/contract';
import { configHash, type FeatureStorage } from '@ltml/train/node';
import { viewSeed } from '../../build/features.ts';
import type { EncoderConfig } from '../../parts/encoders.ts';

/** The properties of an encoder that features depend on. */
export interface EncoderIdentity {
  /** Name in the zoo. */
  readonly encoder: string;
  /** Side of the squares that its feature map is averaged over, in places. */
  readonly mapPool: number;
  /** SHA-256 of the encoder's state. */
  readonly weights: string;
}

/** What is encoded, and into which encoding. */
export interface FeatureSubject {
  readonly images: Pictures;
  readonly pipeline: Pipeline;
  /** Shape of an image after the pipeline. */
  readonly imageShape: readonly number[];
  readonly encoding: EncodingName;
}

/** Everything that features depend on. */
export type FeatureKey = Readonly<Record<string, unknown>>;

/** The identity of an encoder, with a hash of its weights. */
export async function identityOf(config: EncoderConfig, network: Encoder): Promise<EncoderIdentity> {
  const { name, mapPool = 1 } = config;
  const hash = createHash('sha256');
  const state = [...(await exportState(network))].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, { dtype, shape, data }] of state) {
    hash.update(`${JSON.stringify([path, dtype, shape])}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return { encoder: encoderByName(String(name)).encoder.name, mapPool, weights: hash.digest('hex') };
}

/** The key of features of images. */
export async function featureKey(identity: EncoderIdentity, subject: FeatureSubject): Promise<FeatureKey> {
  const { images, pipeline, imageShape, encoding } = subject;
  const decode = arePictureFiles(images) ? images.mode : null;
  const fingerprint = await picturesFingerprint(images);
  return { ...identity, encoding, pipeline, imageShape, decode, viewSeed, images: fingerprint };
}

/** The folder of features within a folder of many. */
export function featureFolder(dir: string, key: FeatureKey, storage: FeatureStorage): string {
  return join(
    dir,
    `${String(key.encoder).replace(/[^\w.-]+/g, '-')}-${key.encoding}-${configHash(key).slice(0, 16)}-${storage}`,
  );
}
