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

/** Options of {@link CprflHead}. Defaults are the published values; see {@link CprflHeadConfig}. */
export interface CprflHeadOptions extends Partial<Omit<CprflHeadConfig, 'pi' | 'vsi'>> {
  /** Options of prompt initialisation. */
  readonly pi?: Partial<PiConfig>;
  /** Options of visual-semantic interaction. */
  readonly vsi?: Partial<VsiConfig>;
  /** I, channels of the feature maps. */
  readonly features: number;
  /**
   * [C, M] one embedding per class, such as CLIP text features or word vectors. They do not train. The head keeps a
   * copy; the caller disposes this tensor.
   */
  readonly classEmbeddings: tf.Tensor2D;
  /** The head draws from the streams `init` and `dropout`. */
  readonly random: RandomStreams;
}

/** The output of {@link CprflHead}. (A type, not an interface, because `tf.tidy` does not accept an interface.) */
export type CprflOutput = {
  /** [B, C] */
  readonly logits: tf.Tensor2D;
  /** [C, D] category prompts P: each is both the attention query and the classifier weight of its class. */
  readonly prompts: tf.Tensor2D;
  /** [B, L, D] projected visual tokens F. */
  readonly visualTokens: tf.Tensor3D;
  /** [B, C, D] class features P′. */
  readonly classFeatures: tf.Tensor3D;
  /** [B, h, C, L + C] attention of each class to the L places of the map (row by row), then to the C prompts. */
  readonly attention: tf.Tensor4D;
};

/**
 * The head of CPRFL: feature map → one feature per class → logits.
 *
 *     F = φ(map),  P = PI(W),  P′ = VSI(F, P),  logit[b, i] = P′[b, i] · P[i]
 *
 * The logit of a class is the dot product of its class feature and its prompt, without temperature, norm or bias. A
 * prompt gets gradients on two paths: as classifier weight and through the class feature. `stopClassifierGradient`
 * closes the first path. `stopFeatureGradient` closes the second; then only the prompts learn.
 *
 * Axes: B images, I channels, L = H · W places, C classes, M embedding, D width.
 *
 * Source: CPRFL (ACM MM 2024), section 3; layout, biases and dropout of the authors' code.
 */
export class CprflHead extends Module {
  readonly phi: Linear;
  readonly pi: PiNetwork;
  readonly vsi: VsiNetwork;
  /** W. Part of the state, because the trained weights fit these embeddings only. */
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

  /**
   * The category prompts [C, D]. At inference they are constant: compute them once and pass them to {@link forward}.
   */
  prompts(): tf.Tensor2D {
    return this.pi.forward(this.class_embeddings.variable);
  }

  /**
   * Logits and every intermediate result.
   *
   * @param features a feature map [B, H, W, I] or tokens [B, L, I]
   * @param prompts [C, D]; default: the result of {@link prompts}
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
    // The caller disposes the output and may go on using its own prompts.
    const prompts = given ? tf.clone(given) : this.prompts();
    const [B, L] = tokens.shape;
    const [C, D] = prompts.shape;
    // Some engines fail on empty tensors.
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

/** The same values without a gradient, as PyTorch's `detach`. */
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
    ...(rank === 2 && { hint: 'Pass the feature map before pooling: each class attends to its own places in it.' }),
  });
}
