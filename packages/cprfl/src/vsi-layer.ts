import {
  checkChoice,
  checkCount,
  checkFlag,
  checkNumber,
  Dropout,
  gelu,
  LayerNorm,
  Linear,
  Module,
  type RandomStreams,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type Attended, type HeadForm, promptAttention, tokenAttention } from './class-attention.ts';
import { attendedWidth, type VsiConfig } from './config.ts';

/** Options of {@link VsiLayer}. */
export interface VsiLayerOptions extends Omit<VsiConfig, 'depth'> {
  /** D, width of the tokens. */
  readonly width: number;
  /** The layer draws from the streams `init` and `dropout`. */
  readonly random: RandomStreams;
}

/** The output of {@link VsiLayer}. (A type, not an interface, because `tf.tidy` does not accept an interface.) */
export type VsiOutput = {
  /** [B, M, D] Z′, the tokens after the layer. */
  readonly tokens: tf.Tensor3D;
  /** [h, B, M, L] attention weights of each token. */
  readonly weights: tf.Tensor4D;
  /** [B, M, D] U, the output of the attention. */
  readonly attended: tf.Tensor3D;
};

/**
 * One layer of visual-semantic interaction, by default as in the authors' code:
 *
 *     A = LN₁(Z);  Q, K, V = A · Wq, A · Wk, A · Wv
 *     U = softmax(s · Q · Kᵀ) · V · Wout + bout     then dropout
 *     Z′ = GELU(LN₂(U) · W₁ + b₁) · W₂ + b₂         dropout after the GELU and at the end
 *
 * Everything after the keys and values is computed for the queries only.
 *
 * State names: `ln1`, `to_qkv.weight` (queries, keys and values one after the other, without bias), `to_out`, `ln2`,
 * `ff1`, `ff2`.
 *
 * Source: CPRFL, equations 3–5, and the authors' code. The equations have no norms and no output projection, and they
 * scale by the width of the tokens. For that form set `norm: 'none', outputProjection: 'none', scale: 'width'`.
 */
export class VsiLayer extends Module {
  readonly ln1: LayerNorm | undefined;
  readonly to_qkv: Linear;
  readonly to_out: Linear | readonly Linear[];
  readonly ln2: LayerNorm | undefined;
  readonly ff1: Linear;
  readonly ff2: Linear;
  readonly dropout: Dropout;
  readonly #form: HeadForm;
  readonly #residual: boolean;

  /** @throws OptionError */
  constructor(options: VsiLayerOptions) {
    super();
    checkLayerOptions('VsiLayer', options);
    const { width, heads, headWidth, hiddenWidth, norm, outputProjection, scale, residual, random } = options;
    const init = random.stream('init');
    const linear = (inFeatures: number, outFeatures: number) => new Linear({ inFeatures, outFeatures, random: init });
    const inner = heads * headWidth;
    const kept = outputProjection === 'none' || (heads === 1 && inner === width && !residual);
    const attended = attendedWidth(options, width);
    this.ln1 = norm === 'pre' ? new LayerNorm({ features: width }) : undefined;
    this.to_qkv = new Linear({ inFeatures: width, outFeatures: 3 * inner, bias: false, random: init });
    if (kept) this.to_out = [];
    else if (outputProjection === 'neck') this.to_out = [linear(inner, 2 * inner), linear(2 * inner, width)];
    else this.to_out = linear(inner, width);
    this.ln2 = norm === 'pre' ? new LayerNorm({ features: attended }) : undefined;
    this.ff1 = linear(attended, hiddenWidth);
    this.ff2 = linear(hiddenWidth, width);
    this.dropout = new Dropout({ rate: options.dropout, random: random.stream('dropout') });
    this.#form = { heads, scale: 1 / Math.sqrt(scale === 'width' ? width : headWidth) };
    this.#residual = residual;
  }

  /**
   * Computes the last M of L tokens after the layer.
   *
   * @param tokens [B, L, D]
   * @param queries M; default L, all tokens
   */
  forward(tokens: tf.Tensor3D, queries: number = tokens.shape[1]): VsiOutput {
    const [B, L, D] = tokens.shape;
    const normal = this.ln1 ? (this.ln1.forward(tokens) as tf.Tensor3D) : tokens;
    const attended = tokenAttention(normal, queries, this.to_qkv.weight.variable, this.#form);
    const last = this.#residual ? tf.slice(tokens, [0, L - queries, 0], [B, queries, D]) : undefined;
    return this.#transform(attended, last);
  }

  /**
   * Computes the prompts after the layer, if they are the same for all images before it.
   *
   * @param visual [B, L, D] visual tokens
   * @param prompts [C, D]
   * @returns tokens [B, C, D], weights [h, B, C, L + C]
   */
  forwardPrompts(visual: tf.Tensor3D, prompts: tf.Tensor2D): VsiOutput {
    const [B, L, D] = visual.shape;
    const rows = tf.concat([tf.reshape<tf.Rank.R2>(visual, [B * L, D]), prompts]);
    const normal = this.ln1 ? (this.ln1.forward(rows) as tf.Tensor2D) : rows;
    const counts = { images: B, prompts: prompts.shape[0] };
    const attended = promptAttention(normal, counts, this.to_qkv.weight.variable, this.#form);
    return this.#transform(attended, this.#residual ? prompts : undefined);
  }

  #transform({ values, weights }: Attended, residual: tf.Tensor | undefined): VsiOutput {
    const projected = this.#project(values);
    const attended = residual ? tf.add(projected, residual) : projected;
    const normal = this.ln2 ? this.ln2.forward(attended) : attended;
    const hidden = this.dropout.forward(gelu(this.ff1.forward(normal)));
    const transformed = this.dropout.forward(this.ff2.forward(hidden));
    const tokens = (residual ? tf.add(attended, transformed) : transformed) as tf.Tensor3D;
    return { tokens, weights, attended: attended as tf.Tensor3D };
  }

  #project(values: tf.Tensor): tf.Tensor {
    const layers = [this.to_out].flat();
    return layers.reduce((x, layer, i) => this.dropout.forward(layer.forward(i > 0 ? gelu(x) : x)), values);
  }
}

function checkLayerOptions(where: string, options: VsiLayerOptions): void {
  for (const name of ['width', 'heads', 'headWidth', 'hiddenWidth'] as const) {
    checkCount(where, `options.${name}`, options[name]);
  }
  checkNumber(where, 'options.dropout', options.dropout, { min: 0, below: 1 });
  checkChoice(where, 'options.norm', options.norm, ['pre', 'none']);
  checkChoice(where, 'options.outputProjection', options.outputProjection, ['linear', 'neck', 'none']);
  checkChoice(where, 'options.scale', options.scale, ['head', 'width']);
  checkFlag(where, 'options.residual', options.residual);
}
