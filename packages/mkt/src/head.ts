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

export interface TwoStreamHeadOptions {
  /** W, features of the student's tokens. */
  readonly features: number;
  /** D, of the label embeddings. */
  readonly embedding: number;
  /**
   * How patches come to the space of the labels: by two linear layers of their own (`mlp`: paper), or by the projection of
   * the image as a whole (`shared`: authors' code).
   */
  readonly local: 'mlp' | 'shared';
  readonly random: RandomStream;
}

/**
 * Takes a student's tokens to the space of the label embeddings: Θ_G for the image as a whole, Θ_L for its patches.
 *
 * State names: `proj` [W, D], Θ_G; `local.fc1.…`, `local.fc2.…`, Θ_L if it is its own. CLIP's image tower brings its
 * projection with it and needs no head.
 *
 * Source: He et al. (MKT), AAAI 2023, section 3.2. The released code makes the two layers with the tanh in between, and
 * shares the projection instead.
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
   * @param tokens of width W
   * @returns of width D
   * @throws ShapeError
   */
  forward({ features, patches }: ImageEmbeddings): ImageEmbeddings {
    const [W, D] = this.proj.shape;
    checkShapes('TwoStreamHead.forward', {
      'tokens.features': [features, `B ${W}`],
      'tokens.patches': [patches, `B N ${W}`],
    });
    // Kernels of some engines fail on tensors without entries.
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
