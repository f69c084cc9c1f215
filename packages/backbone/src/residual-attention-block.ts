import {
  checkOptionNames,
  checkShapes,
  constant,
  gelu,
  type Initializer,
  kaimingUniform,
  LayerNorm,
  Linear,
  linear,
  Module,
  Parameter,
  quickGelu,
  type RandomStream,
  selfAttention,
} from '@ltml/tensor';
import type { Branch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { checkFlags, checkHeads, checkSizes } from './check-sizes.ts';
import { initial } from './initial.ts';

/** The initial values of a block's weights; default PyTorch's. */
export interface BlockInitializers {
  readonly inProjection?: Initializer;
  readonly outProjection?: Initializer;
  readonly expand?: Initializer;
  readonly contract?: Initializer;
}

/** Options of {@link ResidualAttentionBlock}. */
export interface ResidualAttentionBlockOptions {
  /** D, the number of features. */
  readonly width: number;
  /** Number of heads, a divisor of D. */
  readonly heads: number;
  /** Whether a token sees only itself and earlier tokens, as in CLIP's text tower; default false. */
  readonly causal?: boolean;
  /**
   * Whether the MLP uses OpenAI's sigmoid approximation of GELU (default) or the exact GELU. The weights do not show
   * it: OpenAI's weights need the approximation, most of those trained by open_clip on LAION the exact one.
   */
  readonly quickGelu?: boolean;
  readonly initializers?: BlockInitializers;
  /** The stream for the initial weights; undefined starts them at zero. */
  readonly random: RandomStream | undefined;
}

/**
 * The transformer block of CLIP's towers: x + attention(ln_1(x)), then x + MLP(ln_2(x)), with OpenAI's state names.
 *
 * Source: Radford et al. 2021, section 2.4; pre-norm as in Radford et al. 2019.
 */
export class ResidualAttentionBlock extends Module {
  // In PyTorch's order, which lists of names in the code of papers follow.
  readonly attn: JoinedAttention;
  readonly ln_1: LayerNorm;
  readonly mlp: Mlp;
  readonly ln_2: LayerNorm;
  /**
   * An optional branch: its result for the MLP's input before the norm is added to the MLP's result; see
   * `AdaptableBlock`.
   */
  adapter: Branch | undefined;

  constructor(options: ResidualAttentionBlockOptions) {
    super();
    const where = 'ResidualAttentionBlock';
    checkOptionNames(where, options, ['width', 'heads', 'causal', 'quickGelu', 'initializers', 'random']);
    checkSizes(where, { width: options.width });
    checkHeads(where, options.width, options.heads);
    checkFlags(where, { causal: options.causal, quickGelu: options.quickGelu });
    this.ln_1 = new LayerNorm({ features: options.width });
    this.attn = new JoinedAttention(options);
    this.ln_2 = new LayerNorm({ features: options.width });
    this.mlp = new Mlp(options);
  }

  /** @param x [B, L, D] */
  forward(x: tf.Tensor3D): tf.Tensor3D {
    checkShapes('ResidualAttentionBlock.forward', { x: [x, 'B L D'] });
    const attended = tf.add<tf.Tensor3D>(x, this.attn.forward(this.ln_1.forward(x)));
    const thought = tf.add<tf.Tensor3D>(attended, this.mlp.forward(this.ln_2.forward(attended)));
    return this.adapter ? tf.add(thought, this.adapter.forward(attended)) : thought;
  }
}

/** Self-attention with PyTorch's names: one weight computes queries, keys and values. */
class JoinedAttention extends Module {
  readonly in_proj_weight: Parameter;
  readonly in_proj_bias: Parameter;
  readonly out_proj: Linear;
  readonly heads: number;
  readonly #causal: boolean;

  constructor({ width, heads, causal = false, initializers = {}, random }: ResidualAttentionBlockOptions) {
    super();
    // Xavier's bound for 3 · D outputs equals a Kaiming bound with leak √3.
    const inProjection = initial(random, initializers.inProjection ?? kaimingUniform(Math.sqrt(3)));
    const weight = inProjection.initializer(
      [width, 3 * width],
      { fanIn: width, fanOut: 3 * width },
      inProjection.random,
    );
    this.in_proj_weight = new Parameter(weight, { layout: 'OI' });
    this.in_proj_bias = new Parameter(tf.zeros([3 * width]));
    this.out_proj = new Linear({
      inFeatures: width,
      outFeatures: width,
      biasInitializer: constant(0),
      ...initial(random, initializers.outProjection ?? kaimingUniform()),
    });
    this.heads = heads;
    this.#causal = causal;
  }

  forward(x: tf.Tensor): tf.Tensor {
    const joined = linear(x, this.in_proj_weight.variable, this.in_proj_bias.variable);
    return this.out_proj.forward(selfAttention(joined, { heads: this.heads, causal: this.#causal }));
  }
}

class Mlp extends Module {
  readonly c_fc: Linear;
  readonly c_proj: Linear;
  readonly #activation: (x: tf.Tensor) => tf.Tensor;

  constructor({ width, quickGelu: quick = true, initializers = {}, random }: ResidualAttentionBlockOptions) {
    super();
    const { expand = kaimingUniform(), contract = kaimingUniform() } = initializers;
    this.c_fc = new Linear({ inFeatures: width, outFeatures: 4 * width, ...initial(random, expand) });
    this.c_proj = new Linear({ inFeatures: 4 * width, outFeatures: width, ...initial(random, contract) });
    this.#activation = quick ? quickGelu : gelu;
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.c_proj.forward(this.#activation(this.c_fc.forward(x)));
  }
}
