import { checkShapes, gelu, Linear, Module, type RandomStream } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';

export interface PiNetworkOptions {
  /** M, width of the class embeddings. */
  readonly embeddingWidth: number;
  /** D, width of the prompts. */
  readonly width: number;
  /** τ > 0: the hidden layer has ⌊τ · D⌋ units. */
  readonly expansion: number;
  /** One linear layer without a hidden one. */
  readonly linear: boolean;
  readonly random: RandomStream;
}

/**
 * Prompt initialisation: class embeddings [C, M] → category prompts [C, D].
 *
 *     P = GELU(W · W₁ + b₁) · W₂ + b₂,   or W · W₁ + b₁ if linear
 *
 * Source: CPRFL, section 3.2; GELU is the exact one and there is no dropout, as in the authors' code. The linear form is
 * the ablation of their code.
 */
export class PiNetwork extends Module {
  readonly hidden: Linear | undefined;
  readonly output: Linear;

  constructor({ embeddingWidth, width, expansion, linear, random }: PiNetworkOptions) {
    super();
    const hiddenWidth = Math.trunc(expansion * width);
    this.hidden = linear ? undefined : new Linear({ inFeatures: embeddingWidth, outFeatures: hiddenWidth, random });
    this.output = new Linear({ inFeatures: linear ? embeddingWidth : hiddenWidth, outFeatures: width, random });
  }

  /** @throws ShapeError */
  forward(classEmbeddings: tf.Tensor): tf.Tensor2D {
    const { weight } = (this.hidden ?? this.output) as Linear;
    const M = weight.shape[0];
    checkShapes('PiNetwork.forward', { classEmbeddings: [classEmbeddings, `C ${M}`] });
    const hidden = this.hidden ? gelu(this.hidden.forward(classEmbeddings)) : classEmbeddings;
    return this.output.forward(hidden) as tf.Tensor2D;
  }
}
