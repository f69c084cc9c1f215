import {
  checkChoice,
  checkCount,
  checkOptionNames,
  checkShapes,
  Linear,
  linear,
  Module,
  normal,
  Parameter,
  type RandomStream,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ImageEmbeddings } from './two-stream.ts';

/** Options of {@link TwoStreamHead}. */
export interface TwoStreamHeadOptions {
  /** W, width of the student's tokens. */
  readonly features: number;
  /** D, width of the label embeddings. */
  readonly embedding: number;
  /**
   * The projection of the patches: two linear layers of their own (`mlp`: paper), or that of the whole image (`shared`:
   * authors' code).
   */
  readonly local: 'mlp' | 'shared';
  readonly random: RandomStream;
}

/**
 * Projects a student's tokens to the space of the label embeddings: Θ_G projects the whole image, Θ_L the patches.
 *
 * State names: `proj` [W, D] is Θ_G; `local.fc1.…` and `local.fc2.…` are Θ_L with `mlp`. CLIP's image tower has its own
 * projection and needs no head.
 *
 * Source: He et al. (MKT), AAAI 2023, section 3.2. The released code creates the two layers, with a tanh in between,
 * but uses the shared projection.
 */
export class TwoStreamHead extends Module {
  readonly proj: Parameter;
  readonly local: LocalHead | undefined;

  /** @throws OptionError */
  constructor(options: TwoStreamHeadOptions) {
    super();
    checkOptionNames('TwoStreamHead', options, ['features', 'embedding', 'local', 'random']);
    const { features, embedding, local, random } = options;
    checkCount('TwoStreamHead', 'options.features', features);
    checkCount('TwoStreamHead', 'options.embedding', embedding);
    checkChoice('TwoStreamHead', 'options.local', local, ['mlp', 'shared']);
    const start = normal(0, features ** -0.5);
    this.proj = new Parameter(start([features, embedding], { fanIn: features, fanOut: embedding }, random));
    this.local = local === 'mlp' ? new LocalHead(features, embedding, random) : undefined;
  }

  /**
   * Projects the whole image and its patches.
   *
   * @param tokens features [B, W] and patches [B, N, W]
   * @returns features [B, D] and patches [B, N, D]
   * @throws ShapeError
   */
  forward({ features, patches }: ImageEmbeddings): ImageEmbeddings {
    const [W, D] = this.proj.shape;
    checkShapes('TwoStreamHead.forward', {
      'tokens.features': [features, `B ${W}`],
      'tokens.patches': [patches, `B N ${W}`],
    });
    // Some engines fail on empty tensors.
    const unlessEmpty = (x: tf.Tensor, forward: (x: tf.Tensor) => tf.Tensor): tf.Tensor =>
      x.size === 0 ? zerosBehind([...x.shape.slice(0, -1), D], x) : forward(x);
    const project = (x: tf.Tensor): tf.Tensor => linear(x, this.proj.variable);
    const toLabels = (x: tf.Tensor): tf.Tensor => (this.local ? this.local.forward(x) : project(x));
    return tf.tidy(() => ({
      features: unlessEmpty(features, project) as tf.Tensor2D,
      patches: unlessEmpty(patches, toLabels) as tf.Tensor3D,
    }));
  }
}

class LocalHead extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;

  constructor(features: number, embedding: number, random: RandomStream) {
    super();
    this.fc1 = new Linear({ inFeatures: features, outFeatures: embedding, random });
    this.fc2 = new Linear({ inFeatures: embedding, outFeatures: embedding, random });
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.fc2.forward(tf.tanh(this.fc1.forward(x)));
  }
}
