import {
  Conv2d,
  checkNumber,
  checkOptionNames,
  constant,
  gelu,
  kaimingUniform,
  LayerNorm,
  Linear,
  Module,
  normal,
  type Pair,
  Parameter,
  type RandomStream,
  selfAttention,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkFlags, checkHeads, checkSizes } from './check-sizes.ts';
import { classifierOf } from './classifier.ts';
import { initial } from './initial.ts';
import { embedPatches, partTokens, patchGrid, prependToken, type TokenOutput } from './patches.ts';
import { runBlock } from './residual-block.ts';

/** What tells one vision transformer from another. */
export interface VisionTransformerConfig {
  /** Pixels, or [height, width]. */
  readonly imageSize: Pair;
  /** Pixels. */
  readonly patchSize: number;
  /** D */
  readonly width: number;
  /** Blocks. */
  readonly depth: number;
  readonly heads: number;
  /** Of the layer norms; default 1e-6, as in timm, DeiT and torchvision. Hugging Face's ViT has 1e-12. */
  readonly epsilon?: number;
  /**
   * Whether the class token has a position as the patches have; default true. Without it `pos_embed` has rows for the
   * patches alone, which is timm's `no_embed_class` (FlexiViT, DeiT III).
   */
  readonly classPosition?: boolean;
  /** C, outputs of the classifier `head`; there is none if left out. */
  readonly classes?: number;
  /** Whether the blocks' activations are computed anew in the backward pass instead of being kept; default false. */
  readonly recompute?: boolean;
}

/** What can be chosen of ViT-B/16. */
export type VitOptions = Partial<Pick<VisionTransformerConfig, 'imageSize' | 'epsilon' | 'classes' | 'recompute'>> & {
  /** Draws the weights; leave it out where weights are loaded right after. */
  readonly random?: RandomStream;
};

/** ViT-B/16 and DeiT-base: 85.8 M parameters, D = 768, 196 patches at 224 pixels. */
export function vitB16({ random, ...options }: VitOptions = {}): VisionTransformer {
  checkOptionNames('vitB16', options, ['imageSize', 'epsilon', 'classes', 'recompute']);
  return new VisionTransformer({ imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12, ...options }, random);
}

/**
 * A vision transformer with timm's state names: `patch_embed.proj`, `cls_token`, `pos_embed`, `blocks.0.norm1`, …, `norm`,
 * and `head` if it has a classifier.
 *
 * Source: Dosovitskiy et al. 2021; Touvron et al. 2021 (DeiT without its distillation token).
 */
export class VisionTransformer extends Module {
  /** D */
  readonly featureCount: number;
  /** Rows and columns of patches. */
  readonly grid: readonly [number, number];
  readonly patch_embed: PatchEmbedding;
  readonly cls_token: Parameter;
  readonly pos_embed: Parameter;
  readonly blocks: readonly VitBlock[];
  readonly norm: LayerNorm;
  readonly head: Linear | undefined;
  readonly #recompute: boolean;

  /** @param random draws the weights; leave it out where weights are loaded right after */
  constructor(config: VisionTransformerConfig, random?: RandomStream) {
    super();
    const { imageSize, patchSize, width, depth, heads, epsilon = 1e-6, classPosition = true, classes } = config;
    const where = 'VisionTransformer';
    checkOptionNames(where, config, [
      ...['imageSize', 'patchSize', 'width', 'depth', 'heads', 'epsilon', 'classPosition', 'classes', 'recompute'],
    ]);
    checkSizes(where, { patchSize, width, depth, ...(classes !== undefined && { classes }) });
    checkHeads(where, width, heads);
    checkFlags(where, { classPosition, recompute: config.recompute });
    checkNumber(where, 'epsilon', epsilon, { above: 0 });
    this.featureCount = width;
    this.grid = patchGrid(where, imageSize, patchSize);
    this.patch_embed = new PatchEmbedding(patchSize, width, random);
    const table = (shape: number[], deviation: number): Parameter => {
      const { initializer, random: stream } = initial(random, normal(0, deviation));
      return new Parameter(initializer(shape, { fanIn: 1, fanOut: width }, stream));
    };
    this.cls_token = table([1, 1, width], 1e-6);
    this.pos_embed = table([1, (classPosition ? 1 : 0) + this.grid[0] * this.grid[1], width], 0.02);
    this.blocks = Array.from({ length: depth }, () => new VitBlock({ ...config, epsilon }, random));
    this.norm = new LayerNorm({ features: width, epsilon });
    this.head = classes === undefined ? undefined : denseLayer(width, classes, random);
    this.#recompute = config.recompute ?? false;
  }

  /**
   * @param images [B, H, W, 3], normalised as the weights expect it
   * @returns the tokens after the last norm
   * @throws ShapeError, also where the images have more or fewer patches than the network has positions
   */
  forward(images: tf.Tensor): TokenOutput {
    return tf.tidy(() => partTokens(this.forwardStages(images).tokens));
  }

  /**
   * All that lies between images and tokens: the projected patches [B, N, D], what enters the first block and what each
   * block gives, and the tokens after the last norm, all [B, 1 + N, D].
   */
  forwardStages(images: tf.Tensor): VisionTransformerStages {
    return tf.tidy(() => {
      const patches = embedPatches('VisionTransformer.forward', images, this.patch_embed.proj, this.grid);
      const embedded = this.#embed(patches);
      const blocks: tf.Tensor3D[] = [];
      for (const block of this.blocks) blocks.push(runBlock(block, blocks.at(-1) ?? embedded, this.#recompute));
      const tokens = this.norm.forward(blocks.at(-1) ?? embedded) as tf.Tensor3D;
      return { patches, embedded, blocks, tokens };
    });
  }

  /** Class token and patches with their positions, [B, 1 + N, D]. */
  #embed(patches: tf.Tensor3D): tf.Tensor3D {
    const [token, positions] = [this.cls_token.variable, this.pos_embed.variable];
    return positions.shape[1] === patches.shape[1]
      ? prependToken(token, tf.add<tf.Tensor3D>(patches, positions))
      : tf.add<tf.Tensor3D>(prependToken(token, patches), positions);
  }

  /**
   * @param features [B, D] of {@link forward}
   * @returns [B, C] logits
   * @throws NotSupportedError if the network has no classifier
   */
  classify(features: tf.Tensor): tf.Tensor2D {
    return classifierOf('VisionTransformer', this.head).forward(features) as tf.Tensor2D;
  }
}

export interface VisionTransformerStages {
  readonly patches: tf.Tensor3D;
  readonly embedded: tf.Tensor3D;
  readonly blocks: tf.Tensor3D[];
  readonly tokens: tf.Tensor3D;
}

class PatchEmbedding extends Module {
  readonly proj: Conv2d;

  constructor(patchSize: number, width: number, random: RandomStream | undefined) {
    super();
    this.proj = new Conv2d({
      inChannels: 3,
      outChannels: width,
      kernel: patchSize,
      stride: patchSize,
      ...initial(random, kaimingUniform()),
    });
  }
}

type VitBlockOptions = Required<Pick<VisionTransformerConfig, 'width' | 'heads' | 'epsilon'>>;

/** x + attention(norm1(x)), then x + MLP(norm2(x)), with the exact GELU. */
class VitBlock extends Module {
  readonly norm1: LayerNorm;
  readonly attn: VitAttention;
  readonly norm2: LayerNorm;
  readonly mlp: VitMlp;

  constructor({ width, heads, epsilon }: VitBlockOptions, random: RandomStream | undefined) {
    super();
    this.norm1 = new LayerNorm({ features: width, epsilon });
    this.attn = new VitAttention(width, heads, random);
    this.norm2 = new LayerNorm({ features: width, epsilon });
    this.mlp = new VitMlp(width, random);
  }

  forward(x: tf.Tensor3D): tf.Tensor3D {
    const attended = tf.add<tf.Tensor3D>(x, this.attn.forward(this.norm1.forward(x)));
    return tf.add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

class VitAttention extends Module {
  readonly qkv: Linear;
  readonly proj: Linear;
  readonly #heads: number;

  constructor(width: number, heads: number, random: RandomStream | undefined) {
    super();
    this.qkv = denseLayer(width, 3 * width, random);
    this.proj = denseLayer(width, width, random);
    this.#heads = heads;
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.proj.forward(selfAttention(this.qkv.forward(x), { heads: this.#heads, causal: false }));
  }
}

class VitMlp extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;

  constructor(width: number, random: RandomStream | undefined) {
    super();
    this.fc1 = denseLayer(width, 4 * width, random);
    this.fc2 = denseLayer(4 * width, width, random);
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** timm cuts its normal at ±2, a hundred deviations away, which is nowhere. */
function denseLayer(inFeatures: number, outFeatures: number, random: RandomStream | undefined): Linear {
  const start = initial(random, normal(0, 0.02));
  return new Linear({ inFeatures, outFeatures, biasInitializer: constant(0), ...start });
}
