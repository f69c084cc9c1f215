import { type CprflConfig, CprflHead, cprflConfigSchema, type VsiConfig } from '@ltml/cprfl';
import { type Module, RandomStream, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Weights } from './oracle.ts';

/** Standard normal values from a seed. */
export function randomTensor<T extends tf.Tensor>(shape: readonly number[], seed: number): T {
  const random = new RandomStream(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  const values = Float32Array.from({ length: size }, () => random.normal());
  return tf.tensor(values, [...shape]) as T;
}

export interface Sizes {
  readonly B: number;
  readonly L: number;
  readonly C: number;
  /** Channels of the maps. */
  readonly I: number;
  /** Width of the class embeddings. */
  readonly M: number;
}

export const sizes: Sizes = { B: 2, L: 6, C: 4, I: 5, M: 7 };

/** A small configuration; dropout is off. */
export function smallConfig(changes: Record<string, unknown> = {}): CprflConfig & { vsi: VsiConfig } {
  const { vsi, ...others } = changes;
  return cprflConfigSchema.parse({
    width: 6,
    pi: { expansion: 1.5 },
    vsi: { heads: 2, headWidth: 4, hiddenWidth: 7, dropout: 0, ...(vsi as object) },
    ...others,
  }) as CprflConfig & { vsi: VsiConfig };
}

/** A head whose weights, those of norms too, are drawn from a seed. */
export function smallHead(config: CprflConfig & { vsi: VsiConfig }, { C, I, M }: Sizes = sizes, seed = 1): CprflHead {
  const classEmbeddings = randomTensor<tf.Tensor2D>([C, M], seed);
  const random = new RandomStreams(seed);
  const { width, pi, vsi, stopClassifierGradient, stopFeatureGradient } = config;
  const shape = { features: I, width, pi, vsi };
  const head = new CprflHead({ ...shape, classEmbeddings, stopClassifierGradient, stopFeatureGradient, random });
  classEmbeddings.dispose();
  for (const [i, [, { variable }]] of [...head.namedParameters()].entries()) {
    tf.tidy(() => variable.assign(tf.mul(randomTensor(variable.shape, seed + i + 10), 0.5)));
  }
  return head;
}

/** The weights of a module as doubles. */
export function weightsOf(module: Module): Map<string, { shape: number[]; data: Float64Array }> & Weights {
  return new Map(
    [...module.namedParameters()].map(([name, { variable }]) => [
      name,
      { shape: variable.shape, data: Float64Array.from(variable.dataSync()) },
    ]),
  );
}
