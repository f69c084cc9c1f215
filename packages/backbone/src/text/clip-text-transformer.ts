import {
  checkOptionNames,
  checkShapes,
  LayerNorm,
  linear,
  Module,
  normal,
  Parameter,
  type RandomStream,
  ShapeError,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkFlags, checkHeads, checkSizes } from '../check-sizes.ts';
import type { ClipTowerConfig } from '../clip-tower-config.ts';
import { initial } from '../initial.ts';
import { ResidualAttentionBlock } from '../residual-attention-block.ts';
import { runBlock } from '../residual-block.ts';
import { publishedHeads } from '../weights/heads.ts';

/** The configuration of a {@link ClipTextTransformer}. */
export interface ClipTextTransformerConfig extends ClipTowerConfig {
  /** V, number of tokens in the vocabulary. */
  readonly vocabularySize: number;
  /** L, number of positions. */
  readonly contextLength: number;
}

/** The options of OpenAI's text tower. */
export type ClipTextOptions = Partial<Pick<ClipTextTransformerConfig, 'embedding' | 'quickGelu' | 'recompute'>> & {
  /** The stream for the initial weights. Leave it out if you load weights afterwards. */
  readonly random?: RandomStream;
};

/**
 * The text tower of OpenAI's CLIP: 12 blocks of width 512, 77 positions, 63.4 M parameters.
 *
 * @param options `embedding`: D, which is 512 (default) for ViT-B/32, ViT-B/16 and RN101, and 1024 for RN50
 * @throws OptionError
 */
export function clipTextTower({ random, ...options }: ClipTextOptions = {}): ClipTextTransformer {
  checkOptionNames('clipTextTower', options, ['embedding', 'quickGelu', 'recompute']);
  const config = { vocabularySize: 49_408, contextLength: 77, width: 512, layers: 12, embedding: 512, ...options };
  return new ClipTextTransformer(config, random);
}

/**
 * CLIP's text tower with OpenAI's state names: tokens with positions, causal blocks, a last norm, and the projection of
 * the end token.
 *
 * A token sees only earlier ones, so tokens after the end token have no influence. Texts may be padded with anything,
 * and a batch may be cut to its longest text. The embeddings are not L2-normalised.
 *
 * Source: Radford et al. 2021, section 2.4.
 */
export class ClipTextTransformer extends Module {
  readonly config: ClipTextTransformerConfig;
  /** D, the number of features. */
  readonly featureCount: number;
  readonly token_embedding: Embedding;
  readonly positional_embedding: Parameter;
  readonly transformer: Blocks;
  readonly ln_final: LayerNorm;
  readonly text_projection: Parameter;

  /** @param random stream for the initial weights; leave it out if you load weights afterwards */
  constructor(config: ClipTextTransformerConfig, random?: RandomStream) {
    super();
    const { vocabularySize, contextLength, width, layers, embedding } = config;
    const where = 'ClipTextTransformer';
    checkOptionNames(where, config, [
      ...['vocabularySize', 'contextLength', 'width', 'layers', 'heads', 'embedding', 'quickGelu', 'recompute'],
    ]);
    checkSizes(where, { vocabularySize, contextLength, width, layers, embedding });
    const heads = config.heads ?? publishedHeads('text', width, layers) ?? width / 64;
    checkHeads(where, width, heads);
    checkFlags(where, { quickGelu: config.quickGelu, recompute: config.recompute });
    this.config = config;
    this.featureCount = embedding;
    this.token_embedding = new Embedding(table([vocabularySize, width], 0.02, random));
    this.positional_embedding = table([contextLength, width], 0.01, random);
    this.transformer = new Blocks({ ...config, heads }, random);
    this.ln_final = new LayerNorm({ features: width });
    this.text_projection = table([width, embedding], width ** -0.5, random);
  }

  /**
   * @param ids [B, M] int32 with M ≤ L. The largest id of a row is the end token; its first occurrence counts
   * @returns [B, D]
   * @throws ShapeError
   */
  forward(ids: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.forwardStages(ids).embedding);
  }

  /** All intermediate results from ids to embeddings. */
  forwardStages(ids: tf.Tensor): ClipTextTransformerStages {
    return tf.tidy(() => this.forwardEmbedded(this.embedTokens(ids), ids));
  }

  /** Embeds tokens without positions, where prompt tuning begins. @param ids [B, M] @returns [B, M, W] */
  embedTokens(ids: tf.Tensor): tf.Tensor3D {
    checkShapes('ClipTextTransformer.embedTokens', { ids: [ids, 'B M'] });
    return tf.gather(this.token_embedding.weight.variable, tf.cast(ids, 'int32')) as tf.Tensor3D;
  }

  /**
   * Encodes texts given by token embeddings, e.g. tuned prompts.
   *
   * @param tokenEmbeddings [B, M, W] without positions
   * @param ids [B, M], used only to find the end of each text
   * @throws ShapeError
   */
  forwardEmbedded(tokenEmbeddings: tf.Tensor3D, ids: tf.Tensor): ClipTextTransformerStages {
    const where = 'ClipTextTransformer.forwardEmbedded';
    const positions = this.positional_embedding.variable;
    const [L, W] = positions.shape;
    const { B, M } = checkShapes(where, {
      positions: [{ shape: [W] }, 'W'],
      tokenEmbeddings: [tokenEmbeddings, 'B M W'],
      ids: [ids, 'B M'],
    });
    if (M > L) {
      throw new ShapeError({
        where,
        argument: 'ids',
        expected: `[B, M] with M at most ${L}, the number of positions`,
        received: `[${B}, ${M}]`,
      });
    }
    return tf.tidy(() => {
      const embedded = tf.add<tf.Tensor3D>(tokenEmbeddings, tf.slice(positions, [0, 0], [M, W]));
      const { recompute = false } = this.config;
      const blocks: tf.Tensor3D[] = [];
      for (const block of this.transformer.resblocks) {
        blocks.push(runBlock(block, blocks.at(-1) ?? embedded, recompute));
      }
      const tokens = this.ln_final.forward(blocks.at(-1) ?? embedded) as tf.Tensor3D;
      const ends = tf.add(tf.argMax(ids, 1), tf.range(0, B * M, M, 'int32'));
      const endRows = tf.gather(tf.reshape<tf.Rank.R2>(tokens, [B * M, W]), ends as tf.Tensor1D);
      const embedding = linear(endRows, this.text_projection.variable) as tf.Tensor2D;
      return { tokenEmbeddings: tf.clone(tokenEmbeddings), blocks, tokens, embedding };
    });
  }
}

/** Intermediate results with width W; [B, M, W] unless stated otherwise. */
export type ClipTextTransformerStages = {
  /** Before positions are added. */
  readonly tokenEmbeddings: tf.Tensor3D;
  /** After each block. */
  readonly blocks: tf.Tensor3D[];
  /** After the last norm. */
  readonly tokens: tf.Tensor3D;
  /** [B, D] */
  readonly embedding: tf.Tensor2D;
};

class Embedding extends Module {
  readonly weight: Parameter;

  constructor(weight: Parameter) {
    super();
    this.weight = weight;
  }
}

class Blocks extends Module {
  readonly resblocks: readonly ResidualAttentionBlock[];

  constructor(config: ClipTextTransformerConfig & { readonly heads: number }, random: RandomStream | undefined) {
    super();
    const { width, layers, heads, quickGelu = true } = config;
    // A block adds to its input twice. The more blocks there are, the smaller are their initial weights.
    const residual = width ** -0.5 * (2 * layers) ** -0.5;
    const initializers = {
      inProjection: normal(0, width ** -0.5),
      outProjection: normal(0, residual),
      expand: normal(0, (2 * width) ** -0.5),
      contract: normal(0, residual),
    };
    const options = { width, heads, quickGelu, causal: true, initializers, random };
    this.resblocks = Array.from({ length: layers }, () => new ResidualAttentionBlock(options));
  }
}

function table(shape: [number, number], deviation: number, random: RandomStream | undefined): Parameter {
  const { initializer, random: stream } = initial(random, normal(0, deviation));
  return new Parameter(initializer(shape, { fanIn: shape[0], fanOut: shape[1] }, stream));
}
