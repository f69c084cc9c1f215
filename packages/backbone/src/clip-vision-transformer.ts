import {
  Conv2d,
  checkOptionNames,
  kaimingUniform,
  LayerNorm,
  linear,
  Module,
  normal,
  type Pair,
  Parameter,
  type RandomStream,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkFlags, checkHeads, checkSizes } from './check-sizes.ts';
import type { ClipTowerConfig } from './clip-tower-config.ts';
import { initial } from './initial.ts';
import { embedPatches, partTokens, patchGrid, prependTokens, type TokenOutput } from './patches.ts';
import { ResidualAttentionBlock } from './residual-attention-block.ts';
import { runBlock } from './residual-block.ts';
import { publishedHeads } from './weights/heads.ts';

/** The configuration of a {@link ClipVisionTransformer}. */
export interface ClipVisionTransformerConfig extends ClipTowerConfig {
  /** In pixels, or [height, width]. */
  readonly imageSize: Pair;
  /** In pixels. */
  readonly patchSize: number;
}

/** The options of CLIP's ViT-B/32 and ViT-B/16. */
export type ClipVitOptions = Partial<Pick<ClipVisionTransformerConfig, 'imageSize' | 'quickGelu' | 'recompute'>> & {
  /** The stream for the initial weights. Leave it out if you load weights afterwards. */
  readonly random?: RandomStream;
};

/** The image tower of CLIP's ViT-B/32: 87.8 M parameters, D = 512, 49 patches at 224 pixels. */
export function clipVitB32(options: ClipVitOptions = {}): ClipVisionTransformer {
  return clipVitBase('clipVitB32', 32, options);
}

/** The image tower of CLIP's ViT-B/16: 86.2 M parameters, D = 512, 196 patches at 224 pixels. */
export function clipVitB16(options: ClipVitOptions = {}): ClipVisionTransformer {
  return clipVitBase('clipVitB16', 16, options);
}

function clipVitBase(where: string, patchSize: number, { random, ...options }: ClipVitOptions): ClipVisionTransformer {
  checkOptionNames(where, options, ['imageSize', 'quickGelu', 'recompute']);
  const config = { imageSize: 224, patchSize, width: 768, layers: 12, embedding: 512, ...options };
  return new ClipVisionTransformer(config, random);
}

/**
 * CLIP's image tower as a vision transformer, with OpenAI's state names without `visual.`.
 *
 * The class token and all patches go through the last norm and the projection. The class token becomes CLIP's image
 * embedding; the patches are MKT's local features. None of them is L2-normalised.
 *
 * Source: Radford et al. 2021, section 2.4; the local features: He et al. 2023 (MKT), section 3.2.
 */
export class ClipVisionTransformer extends Module {
  /** D, the number of features. */
  readonly featureCount: number;
  /** Rows and columns of the grid of patches. */
  readonly grid: readonly [number, number];
  readonly class_embedding: Parameter;
  readonly positional_embedding: Parameter;
  readonly proj: Parameter;
  readonly conv1: Conv2d;
  readonly ln_pre: LayerNorm;
  readonly transformer: Blocks;
  readonly ln_post: LayerNorm;
  readonly #recompute: boolean;

  /** @param random stream for the initial weights; leave it out if you load weights afterwards */
  constructor(config: ClipVisionTransformerConfig, random?: RandomStream) {
    super();
    const { imageSize, patchSize, width, layers, embedding } = config;
    const where = 'ClipVisionTransformer';
    checkOptionNames(where, config, [
      ...['imageSize', 'patchSize', 'width', 'layers', 'heads', 'embedding', 'quickGelu', 'recompute'],
    ]);
    checkSizes(where, { patchSize, width, layers, embedding });
    const heads = config.heads ?? publishedHeads('image', width, layers) ?? width / 64;
    checkHeads(where, width, heads);
    checkFlags(where, { quickGelu: config.quickGelu, recompute: config.recompute });
    this.featureCount = embedding;
    this.grid = patchGrid(where, imageSize, patchSize);
    this.conv1 = new Conv2d({
      inChannels: 3,
      outChannels: width,
      kernel: patchSize,
      stride: patchSize,
      bias: false,
      ...initial(random, kaimingUniform()),
    });
    const table = (shape: number[]): Parameter => {
      const { initializer, random: stream } = initial(random, normal(0, width ** -0.5));
      return new Parameter(initializer(shape, { fanIn: width, fanOut: width }, stream));
    };
    this.class_embedding = table([width]);
    this.positional_embedding = table([1 + this.grid[0] * this.grid[1], width]);
    this.ln_pre = new LayerNorm({ features: width });
    this.transformer = new Blocks({ ...config, heads }, random);
    this.ln_post = new LayerNorm({ features: width });
    this.proj = table([width, embedding]);
    this.#recompute = config.recompute ?? false;
  }

  /**
   * @param images [B, H, W, 3], normalised as the weights require
   * @throws ShapeError, also if the images do not have as many patches as the tower has positions
   */
  forward(images: tf.Tensor): ClipVisionTransformerOutput {
    return tf.tidy(() => {
      const { projected, tokens } = this.forwardStages(images);
      return { ...partTokens(projected), unprojected: partTokens(tokens).features };
    });
  }

  /** The blocks; each can take a branch beside its MLP. */
  get adaptableBlocks(): readonly ResidualAttentionBlock[] {
    return this.transformer.resblocks;
  }

  /** All intermediate results from images to embeddings. */
  forwardStages(images: tf.Tensor): ClipVisionTransformerStages {
    return tf.tidy(() => {
      const patches = embedPatches('ClipVisionTransformer.forward', images, this.conv1, this.grid);
      const withClass = prependTokens([tf.reshape(this.class_embedding.variable, [1, 1, -1])], patches);
      const embedded = this.ln_pre.forward(tf.add(withClass, this.positional_embedding.variable)) as tf.Tensor3D;
      const blocks: tf.Tensor3D[] = [];
      for (const block of this.transformer.resblocks) {
        blocks.push(runBlock(block, blocks.at(-1) ?? embedded, this.#recompute));
      }
      const tokens = this.ln_post.forward(blocks.at(-1) ?? embedded) as tf.Tensor3D;
      return { patches, embedded, blocks, tokens, projected: linear(tokens, this.proj.variable) as tf.Tensor3D };
    });
  }
}

/** The output of {@link ClipVisionTransformer}. */
export type ClipVisionTransformerOutput = TokenOutput & {
  /** [B, W] the features of the whole image before the projection. */
  readonly unprojected: tf.Tensor2D;
};

/** Intermediate results with width W; [B, 1 + N, W] unless stated otherwise. */
export interface ClipVisionTransformerStages {
  /** [B, N, W] the embedded patches. */
  readonly patches: tf.Tensor3D;
  /** Class token and patches with positions, after the first norm. */
  readonly embedded: tf.Tensor3D;
  /** After each block. */
  readonly blocks: tf.Tensor3D[];
  /** After the last norm. */
  readonly tokens: tf.Tensor3D;
  /** [B, 1 + N, D] */
  readonly projected: tf.Tensor3D;
}

class Blocks extends Module {
  readonly resblocks: readonly ResidualAttentionBlock[];

  constructor(config: ClipVisionTransformerConfig & { readonly heads: number }, random: RandomStream | undefined) {
    super();
    const { width, layers, heads, quickGelu = true } = config;
    const options = { width, heads, quickGelu, random };
    this.resblocks = Array.from({ length: layers }, () => new ResidualAttentionBlock(options));
  }
}
