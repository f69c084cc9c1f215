import type { Encoder, Parameter } from '@ltml/tensor/contract';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * The inner layers of a CLIP's image tower that the methods use. `ClipVisionTransformer` of `@ltml/backbone` has them.
 */
export interface ClipTower extends Encoder {
  /** Number of rows and columns of patches. */
  readonly grid: readonly [number, number];
  readonly class_embedding: Parameter;
  /** [1 + N, W] */
  readonly positional_embedding: Parameter;
  /** [W, D] */
  readonly proj: Parameter;
  /** Embeds patches; its kernel has the size of a patch. */
  readonly conv1: Layer & { readonly weight: Parameter };
  readonly ln_pre: Layer;
  readonly ln_post: Layer;
  readonly transformer: { readonly resblocks: readonly ClipBlock[] };
}

/** A block: x + attention(ln_1(x)), then x + MLP(ln_2(x)). */
export interface ClipBlock {
  readonly ln_1: Layer;
  readonly ln_2: Layer;
  readonly attn: ClipAttention;
  readonly mlp: Layer;
  forward(x: tf.Tensor3D): tf.Tensor3D;
}

/** The multi-head attention of a block. */
export interface ClipAttention {
  readonly heads: number;
  /** [W, 3 W] queries, keys, values. */
  readonly in_proj_weight: Parameter;
  readonly in_proj_bias: Parameter;
  readonly out_proj: Layer;
}

interface Layer {
  forward(x: tf.Tensor): tf.Tensor;
}

/** Whether an encoder has the layers of a {@link ClipTower}. */
export function isClipTower(encoder: object): encoder is ClipTower {
  return ['class_embedding', 'positional_embedding', 'transformer', 'ln_post', 'proj'].every((name) => name in encoder);
}
