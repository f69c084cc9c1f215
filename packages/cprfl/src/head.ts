import {
  checkCount,
  checkFiniteTensor,
  checkShapes,
  Linear,
  Module,
  ModuleBuffer,
  type RandomStreams,
  ShapeError,
  withoutGradient,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type CprflHeadConfig, type PiConfig, resolveHeadConfig, type VsiConfig } from './config.ts';
import { PiNetwork } from './pi-network.ts';
import { VsiNetwork } from './vsi-network.ts';

/** What is left out is as published; see {@link CprflHeadConfig}. */
export interface CprflHeadOptions extends Partial<Omit<CprflHeadConfig, 'pi' | 'vsi'>> {
  readonly pi?: Partial<PiConfig>;
  readonly vsi?: Partial<VsiConfig>;
  /** I, channels of the feature maps. */
  readonly features: number;
  /** [C, M] one embedding a class, which stays as it is: CLIP's text features, word vectors. The caller's to dispose of. */
  readonly classEmbeddings: tf.Tensor2D;
  /** Streams `init` and `dropout` are used. */
  readonly random: RandomStreams;
}

/** (A type, not an interface, which `tf.tidy` would not take.) */
export type CprflOutput = {
  /** [B, C] */
  readonly logits: tf.Tensor2D;
  /** [C, D] category prompts P, query and classifier of each class. */
  readonly prompts: tf.Tensor2D;
  /** [B, L, D] projected visual tokens F. */
  readonly visualTokens: tf.Tensor3D;
  /** [B, C, D] class features P′. */
  readonly classFeatures: tf.Tensor3D;
  /** [B, h, C, L + C] attention of each class to the L places of the map, row by row, then to the C prompts. */
  readonly attention: tf.Tensor4D;
};

/**
 * The head of CPRFL: feature map → logits, by way of one feature for each class.
 *
 *     F = φ(map),  P = PI(W),  P′ = VSI(F, P),  logit[b, i] = P′[b, i] · P[i]
 *
 * Each prompt is compared with its own class feature alone: no temperature, no norm, no bias. A prompt learns on two
 * paths, as classifier and through the class feature; `stopClassifierGradient` and `stopFeatureGradient` close one of
 * them. With the latter nothing but the prompts learns.
 *
 * Axes: B images, I channels, L = H · W places, C classes, M embedding, D width.
 *
 * Source: CPRFL (ACM MM 2024), section 3; layout, biases and dropout of the authors' code.
 */
export class CprflHead extends Module {
  readonly phi: Linear;
  readonly pi: PiNetwork;
  readonly vsi: VsiNetwork;
  /** W. A part of the state, because the weights belong to these embeddings and to no others. */
  readonly class_embeddings: ModuleBuffer;
  readonly #stops: Pick<CprflHeadConfig, 'stopClassifierGradient' | 'stopFeatureGradient'>;

  /** @throws OptionError */
  constructor({ features, classEmbeddings, random, ...options }: CprflHeadOptions) {
    super();
    checkCount('CprflHead', 'options.features', features);
    const { C } = checkShapes('CprflHead', { 'options.classEmbeddings': [classEmbeddings, 'C M'] });
    checkCount('CprflHead', 'rows of options.classEmbeddings', C);
    checkFiniteTensor('CprflHead', 'options.classEmbeddings', classEmbeddings);
    const { width, pi, vsi, stopClassifierGradient, stopFeatureGradient } = resolveHeadConfig(options);
    const init = random.stream('init');
    this.phi = new Linear({ inFeatures: features, outFeatures: width, random: init });
    this.pi = new PiNetwork({ embeddingWidth: classEmbeddings.shape[1], width, ...pi, random: init });
    this.vsi = new VsiNetwork({ width, ...vsi, random });
    this.class_embeddings = new ModuleBuffer(classEmbeddings.clone(), 'same');
    this.#stops = { stopClassifierGradient, stopFeatureGradient };
  }

  /** [C, D] the category prompts. At inference they are constants. */
  prompts(): tf.Tensor2D {
    return this.pi.forward(this.class_embeddings.variable);
  }

  /**
   * @param features a map [B, H, W, I] or tokens [B, L, I]
   * @param prompts those of {@link prompts} unless given
   * @throws ShapeError
   */
  forward(features: tf.Tensor, prompts?: tf.Tensor2D): CprflOutput {
    if (prompts) {
      const [C] = this.class_embeddings.shape;
      checkShapes('CprflHead.forward', { prompts: [prompts, `${C} ${this.phi.weight.shape[1]}`] });
    }
    return tf.tidy(() => this.#forward(asTokens(features, this.phi.weight.shape[0]), prompts));
  }

  #forward(tokens: tf.Tensor3D, given: tf.Tensor2D | undefined): CprflOutput {
    // The caller disposes of what it gets, and keeps what it gave.
    const prompts = given ? tf.clone(given) : this.prompts();
    const [B, L] = tokens.shape;
    const [C, D] = prompts.shape;
    // Kernels of some engines fail on tensors without entries.
    if (B === 0) {
      return {
        logits: zerosBehind([0, C], tokens),
        prompts,
        visualTokens: zerosBehind([0, L, D], tokens),
        classFeatures: zerosBehind([0, C, D], tokens),
        attention: zerosBehind([0, this.vsi.heads, C, L + C], tokens),
      };
    }
    const visualTokens = this.phi.forward(tokens) as tf.Tensor3D;
    const { classFeatures, attention } = this.vsi.forward(visualTokens, prompts);
    const seen = this.#stops.stopFeatureGradient ? detach(classFeatures) : classFeatures;
    const classifier = this.#stops.stopClassifierGradient ? detach(prompts) : prompts;
    const logits = tf.sum<tf.Tensor2D>(tf.mul(seen, classifier), 2);
    return { logits, prompts, visualTokens, classFeatures, attention };
  }
}

/** The same values, through which no gradient flows. */
function detach<T extends tf.Tensor>(x: T): T {
  return withoutGradient(() => tf.clone(x));
}

/** [B, L, I], row by row. */
function asTokens(features: tf.Tensor, channels: number): tf.Tensor3D {
  const { shape, rank } = features;
  const places = shape.slice(1, -1).reduce((product, n) => product * n, 1);
  if ((rank === 3 || rank === 4) && shape[rank - 1] === channels && places > 0) {
    return tf.reshape(features, [shape[0], places, channels]);
  }
  throw new ShapeError({
    where: 'CprflHead.forward',
    argument: 'features',
    expected: `[B, H, W, ${channels}] or [B, L, ${channels}]${places === 0 ? ' of at least one place' : ''}`,
    received: `[${shape.join(', ')}]`,
    ...(rank === 2 && { hint: 'Each class looks for its own places in the image, so the map must not be pooled.' }),
  });
}
