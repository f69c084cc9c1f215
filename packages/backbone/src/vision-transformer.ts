import {
  Conv2d,
  checkChoice,
  checkCount,
  checkNumber,
  checkOptionNames,
  checkShapes,
  constant,
  gelu,
  kaimingUniform,
  LayerNorm,
  Linear,
  Module,
  normal,
  OptionError,
  type Pair,
  Parameter,
  type RandomStream,
  selfAttention,
} from '@ltml/tensor';
import type { AdaptableBlock, Branch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { checkFlags, checkHeads, checkSizes } from './check-sizes.ts';
import { classifierOf } from './classifier.ts';
import { initial } from './initial.ts';
import { embedPatches, patchGrid, prependTokens, type TokenOutput } from './patches.ts';
import { runBlock } from './residual-block.ts';

/** The configuration of a {@link VisionTransformer}. */
export interface VisionTransformerConfig {
  /** In pixels, or [height, width]. */
  readonly imageSize: Pair;
  /** In pixels. */
  readonly patchSize: number;
  /** D, the number of features. */
  readonly width: number;
  /** Number of transformer blocks. */
  readonly depth: number;
  /** Number of heads, a divisor of D. */
  readonly heads: number;
  /** ε of the layer norms; default 1e-6, as in timm, DeiT and torchvision. Hugging Face's ViT uses 1e-12. */
  readonly epsilon?: number;
  /**
   * Whether the class token has a position like the patches; default true. Without it `pos_embed` has rows for the
   * patches only, as with timm's `no_embed_class` (FlexiViT, DeiT III).
   */
  readonly classPosition?: boolean;
  /** Whether a class token precedes the patches; default true. Without it `pooling` is `mean`. */
  readonly classToken?: boolean;
  /** Whether a distillation token follows the class token, as in DeiT; default false. */
  readonly distilled?: boolean;
  /** Number of register tokens before the patches, without positions; default 0. DINOv2 has a version with four. */
  readonly registers?: number;
  /** Whether each branch of a block is scaled per channel, as in DINOv2 and DeiT III; default false. */
  readonly layerScale?: boolean;
  /** The features of the whole image: its class token (default if there is one), or the mean of its patches. */
  readonly pooling?: 'token' | 'mean';
  /** Whether the norm follows the pooling, as `fc_norm`, instead of preceding it, as `norm`; default false. */
  readonly poolNorm?: boolean;
  /** C, the number of outputs of the classifier `head`; default no classifier. */
  readonly classes?: number;
  /**
   * Recomputes the activations of blocks in the backward pass instead of storing them, to save memory; default false.
   */
  readonly recompute?: boolean;
}

/** The options of ViT-B/16. */
export type VitOptions = Partial<Pick<VisionTransformerConfig, 'imageSize' | 'epsilon' | 'classes' | 'recompute'>> & {
  /** The stream for the initial weights. Leave it out if you load weights afterwards. */
  readonly random?: RandomStream;
};

/** ViT-B/16 and DeiT-base: 85.8 M parameters, D = 768, 196 patches at 224 pixels. @throws OptionError */
export function vitB16({ random, ...options }: VitOptions = {}): VisionTransformer {
  checkOptionNames('vitB16', options, ['imageSize', 'epsilon', 'classes', 'recompute']);
  return new VisionTransformer({ imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12, ...options }, random);
}

/**
 * A vision transformer with timm's state names: `patch_embed.proj`, `cls_token`, `dist_token`, `reg_token`,
 * `pos_embed`, `blocks.0.norm1`, …, `norm` or `fc_norm`, and `head` if it has a classifier.
 *
 * With a distillation token, the features of the whole image are the mean of that token and the class token.
 *
 * Source: Dosovitskiy et al. 2021; Touvron et al. 2021 (distillation token) and 2021b (LayerScale); Oquab et al. 2023
 * (DINOv2); Darcet et al. 2024 (registers).
 */
export class VisionTransformer extends Module {
  /** D, the number of features. */
  readonly featureCount: number;
  /** Rows and columns of the grid of patches. */
  readonly grid: readonly [number, number];
  readonly patch_embed: PatchEmbedding;
  readonly cls_token: Parameter | undefined;
  readonly dist_token: Parameter | undefined;
  readonly reg_token: Parameter | undefined;
  readonly pos_embed: Parameter;
  readonly blocks: readonly VitBlock[];
  readonly norm: LayerNorm | undefined;
  readonly fc_norm: LayerNorm | undefined;
  readonly head: Linear | undefined;
  readonly #recompute: boolean;
  readonly #pooling: 'token' | 'mean';

  /** @param random stream for the initial weights; leave it out if you load weights afterwards */
  constructor(config: VisionTransformerConfig, random?: RandomStream) {
    super();
    const where = 'VisionTransformer';
    checkConfig(where, config);
    const { imageSize, patchSize, width, depth, epsilon = 1e-6, classPosition = true, classes } = config;
    const { classToken = true, distilled = false, registers = 0, poolNorm = false } = config;
    this.featureCount = width;
    this.grid = patchGrid(where, imageSize, patchSize);
    this.patch_embed = new PatchEmbedding(patchSize, width, random);
    const table = (shape: number[], deviation: number): Parameter => {
      const { initializer, random: stream } = initial(random, normal(0, deviation));
      return new Parameter(initializer(shape, { fanIn: 1, fanOut: width }, stream));
    };
    this.cls_token = classToken ? table([1, 1, width], 1e-6) : undefined;
    this.dist_token = distilled ? table([1, 1, width], 0.02) : undefined;
    this.reg_token = registers > 0 ? table([1, registers, width], 1e-6) : undefined;
    const positioned = classPosition ? Number(classToken) + Number(distilled) : 0;
    this.pos_embed = table([1, positioned + this.grid[0] * this.grid[1], width], 0.02);
    this.blocks = Array.from({ length: depth }, () => new VitBlock({ ...config, epsilon }, random));
    const norm = new LayerNorm({ features: width, epsilon });
    this.norm = poolNorm ? undefined : norm;
    this.fc_norm = poolNorm ? norm : undefined;
    this.head = classes === undefined ? undefined : denseLayer(width, classes, random);
    this.#recompute = config.recompute ?? false;
    this.#pooling = config.pooling ?? (classToken ? 'token' : 'mean');
  }

  /**
   * @param images [B, H, W, 3], normalised as the weights require
   * @returns the tokens after the last norm, if it precedes the pooling
   * @throws ShapeError, also if the images do not have as many patches as the network has positions
   */
  forward(images: tf.Tensor): TokenOutput {
    return tf.tidy(() => {
      const { tokens } = this.forwardStages(images);
      const { B, L, D } = checkShapes('VisionTransformer.forward', { tokens: [tokens, 'B L D'] });
      const N = this.grid[0] * this.grid[1];
      const patches = L === N ? tf.clone(tokens) : tf.slice(tokens, [0, L - N, 0], [B, N, D]);
      // Class token and possibly distillation token; the mean of one token is the token itself.
      const whole = this.#pooling === 'mean' ? patches : tf.slice(tokens, [0, 0, 0], [B, this.dist_token ? 2 : 1, D]);
      const pooled = whole.shape[1] === 1 ? tf.reshape(whole, [B, D]) : tf.mean(whole, 1);
      const features = (this.fc_norm ? this.fc_norm.forward(pooled) : pooled) as tf.Tensor2D;
      return { tokens, patches, features };
    });
  }

  /**
   * All intermediate results: the embedded patches [B, N, D]; then the input of the first block, the output of each
   * block and the tokens after the last norm, all [B, P + N, D] with P tokens before the patches.
   */
  forwardStages(images: tf.Tensor): VisionTransformerStages {
    return tf.tidy(() => {
      const patches = embedPatches('VisionTransformer.forward', images, this.patch_embed.proj, this.grid);
      const embedded = this.#embed(patches);
      const blocks: tf.Tensor3D[] = [];
      for (const block of this.blocks) blocks.push(runBlock(block, blocks.at(-1) ?? embedded, this.#recompute));
      const last = blocks.at(-1) ?? embedded;
      const tokens = (this.norm ? this.norm.forward(last) : tf.clone(last)) as tf.Tensor3D;
      return { patches, embedded, blocks, tokens };
    });
  }

  /** The blocks; each can take a branch beside its MLP. */
  get adaptableBlocks(): readonly AdaptableBlock[] {
    return this.blocks;
  }

  /**
   * Class, distillation and register tokens and the patches, with positions for those that have them: [B, P + N, D].
   */
  #embed(patches: tf.Tensor3D): tf.Tensor3D {
    const positions = this.pos_embed.variable as tf.Variable<tf.Rank.R3>;
    const [, N, D] = patches.shape;
    const positioned = (positions.shape[1] as number) - N;
    const placed = (token: tf.Tensor, i: number): tf.Tensor =>
      i < positioned ? tf.add(token, tf.slice(positions, [0, i, 0], [1, 1, D])) : token;
    const first = [this.cls_token, this.dist_token].flatMap((token) => token?.variable ?? []).map(placed);
    const ofPatches = positioned === 0 ? positions : tf.slice(positions, [0, positioned, 0], [1, N, D]);
    const before = [...first, ...(this.reg_token ? [this.reg_token.variable] : [])];
    return prependTokens(before, tf.add<tf.Tensor3D>(patches, ofPatches));
  }

  /**
   * @param features [B, D] from {@link forward}
   * @returns [B, C] logits
   * @throws NotSupportedError if the network has no classifier
   */
  classify(features: tf.Tensor): tf.Tensor2D {
    return classifierOf('VisionTransformer', this.head).forward(features) as tf.Tensor2D;
  }
}

/** The intermediate results of {@link VisionTransformer.forwardStages}. */
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

/** Checks the configuration. @throws OptionError */
function checkConfig(where: string, config: VisionTransformerConfig): void {
  checkOptionNames(where, config, [
    ...['imageSize', 'patchSize', 'width', 'depth', 'heads', 'epsilon', 'classPosition', 'classToken', 'distilled'],
    ...['registers', 'layerScale', 'pooling', 'poolNorm', 'classes', 'recompute'],
  ]);
  const { patchSize, width, depth, heads, epsilon, registers, classes } = config;
  const { classPosition, classToken = true, distilled = false, layerScale, pooling, poolNorm, recompute } = config;
  checkSizes(where, { patchSize, width, depth, ...(classes !== undefined && { classes }) });
  if (registers !== undefined) checkCount(where, 'registers', registers, { min: 0 });
  checkHeads(where, width, heads);
  checkFlags(where, { classPosition, classToken, distilled, layerScale, poolNorm, recompute });
  if (epsilon !== undefined) checkNumber(where, 'epsilon', epsilon, { above: 0 });
  if (pooling !== undefined) checkChoice(where, 'pooling', pooling, classToken ? ['token', 'mean'] : ['mean']);
  const refuse = (argument: string, expected: string, received: string): never => {
    throw new OptionError({ where, argument, expected, received });
  };
  if (distilled && !classToken) refuse('distilled', 'false, because there is no class token', 'true');
  // Each of DeiT's two classifiers uses one token.
  if (distilled && classes !== undefined) refuse('classes', 'left out for a distilled network', `${classes}`);
}

type VitBlockOptions = Pick<VisionTransformerConfig, 'width' | 'heads' | 'layerScale'> & { readonly epsilon: number };

/**
 * x + s1 · attention(norm1(x)), then x + s2 · MLP(norm2(x)), with the exact GELU; without LayerScale s1 and s2 are 1.
 */
class VitBlock extends Module {
  readonly norm1: LayerNorm;
  readonly attn: VitAttention;
  readonly ls1: LayerScale | undefined;
  readonly norm2: LayerNorm;
  readonly mlp: VitMlp;
  readonly ls2: LayerScale | undefined;
  /**
   * An optional branch: its result for the MLP's input before the norm is added to the MLP's result; see
   * `AdaptableBlock`.
   */
  adapter: Branch | undefined;

  constructor({ width, heads, epsilon, layerScale = false }: VitBlockOptions, random: RandomStream | undefined) {
    super();
    this.norm1 = new LayerNorm({ features: width, epsilon });
    this.attn = new VitAttention(width, heads, random);
    this.norm2 = new LayerNorm({ features: width, epsilon });
    this.mlp = new VitMlp(width, random);
    this.ls1 = layerScale ? new LayerScale(width) : undefined;
    this.ls2 = layerScale ? new LayerScale(width) : undefined;
  }

  forward(x: tf.Tensor3D): tf.Tensor3D {
    const seen = this.attn.forward(this.norm1.forward(x));
    const attended = tf.add<tf.Tensor3D>(x, this.ls1 ? this.ls1.forward(seen) : seen);
    const thought = this.mlp.forward(this.norm2.forward(attended));
    const sum = tf.add<tf.Tensor3D>(attended, this.ls2 ? this.ls2.forward(thought) : thought);
    return this.adapter ? tf.add(sum, this.adapter.forward(attended)) : sum;
  }
}

/** Multiplies channels by learned factors that start at 1e-5. */
class LayerScale extends Module {
  readonly gamma: Parameter;

  constructor(width: number) {
    super();
    this.gamma = new Parameter(tf.fill([width], 1e-5));
  }

  forward(x: tf.Tensor): tf.Tensor {
    return tf.mul(x, this.gamma.variable);
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

/** timm truncates its normal distribution at ±2, a hundred standard deviations away, which has no effect. */
function denseLayer(inFeatures: number, outFeatures: number, random: RandomStream | undefined): Linear {
  const start = initial(random, normal(0, 0.02));
  return new Linear({ inFeatures, outFeatures, biasInitializer: constant(0), ...start });
}
