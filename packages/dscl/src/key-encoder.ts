import { DataError, Module } from '@ltml/tensor';
import type { MapEncoder } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { ProjectionHead } from './projection-head.ts';

/** An encoder with a projection head: images [B, H, W, 3] → unit vectors [B, D]. */
export class ProjectedEncoder extends Module {
  readonly encoder: MapEncoder;
  readonly head: ProjectionHead;

  constructor(encoder: MapEncoder, head: ProjectionHead) {
    super();
    this.encoder = encoder;
    this.head = head;
  }

  /** Embeds images. @returns [B, D] unit vectors */
  forward(images: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.head.forward(this.encoder.forward(images).features));
  }
}

/**
 * Copies the state of a module (parameters and buffers) to another of the same structure.
 *
 * @throws DataError if names or shapes differ
 */
export function copyState(target: Module, source: Module): void {
  const sources = new Map(source.namedState());
  for (const [name, { variable, shape }] of target.namedState()) {
    const from = sources.get(name);
    if (!from || `${from.shape}` !== `${shape}`) {
      throw new DataError({
        where: 'copyState',
        argument: 'target',
        expected: `the structure of source, which has ${name} of shape [${from?.shape ?? 'none'}]`,
        received: `[${shape}]`,
      });
    }
    tf.tidy(() => variable.assign(tf.clone(from.variable)));
  }
}
