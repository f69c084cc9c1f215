import {
  checkCount,
  checkFlag,
  checkNumber,
  checkOptionNames,
  checkShapes,
  gelu,
  Linear,
  Module,
  type RandomStream,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link PiNetwork}. */
export interface PiNetworkOptions {
  /** M, width of the class embeddings. */
  readonly embeddingWidth: number;
  /** D, width of the prompts. */
  readonly width: number;
  /** τ > 0: the hidden layer has ⌊τ · D⌋ units. */
  readonly expansion: number;
  /** Uses one linear layer and no hidden layer. */
  readonly linear: boolean;
  readonly random: RandomStream;
}

/**
 * Prompt initialisation: class embeddings [C, M] → category prompts [C, D].
 *
 *     P = GELU(W · W₁ + b₁) · W₂ + b₂,   or W · W₁ + b₁ if linear
 *
 * The GELU is exact, not the tanh approximation. There is no dropout.
 *
 * Source: CPRFL, section 3.2. The linear form is an ablation of the authors' code.
 */
export class PiNetwork extends Module {
  readonly hidden: Linear | undefined;
  readonly output: Linear;

  /** @throws OptionError */
  constructor(options: PiNetworkOptions) {
    super();
    checkOptionNames('PiNetwork', options, ['embeddingWidth', 'width', 'expansion', 'linear', 'random']);
    const { embeddingWidth, width, expansion, linear, random } = options;
    checkCount('PiNetwork', 'options.embeddingWidth', embeddingWidth);
    checkCount('PiNetwork', 'options.width', width);
    checkFlag('PiNetwork', 'options.linear', linear);
    // A hidden layer has at least one unit.
    checkNumber('PiNetwork', 'options.expansion', expansion, linear ? { above: 0 } : { min: 1 / width });
    const hiddenWidth = Math.trunc(expansion * width);
    this.hidden = linear ? undefined : new Linear({ inFeatures: embeddingWidth, outFeatures: hiddenWidth, random });
    this.output = new Linear({ inFeatures: linear ? embeddingWidth : hiddenWidth, outFeatures: width, random });
  }

  /** @throws ShapeError */
  forward(classEmbeddings: tf.Tensor): tf.Tensor2D {
    const { weight } = (this.hidden ?? this.output) as Linear;
    const M = weight.shape[0];
    const { C } = checkShapes('PiNetwork.forward', { classEmbeddings: [classEmbeddings, `C ${M}`] });
    // Some engines fail on empty tensors.
    if (C === 0) return zerosBehind([0, this.output.weight.shape[1]], classEmbeddings);
    return tf.tidy(() => {
      const hidden = this.hidden ? gelu(this.hidden.forward(classEmbeddings)) : classEmbeddings;
      return this.output.forward(hidden) as tf.Tensor2D;
    });
  }
}
