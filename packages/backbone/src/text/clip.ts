import { type LayerNorm, Module, Parameter } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { clipSimilarity } from './clip-similarity.ts';
import type { ClipTextTransformer } from './clip-text-transformer.ts';

/** A network that makes an embedding of an image, [B, D], and possibly more. */
export interface ImageTower extends Module {
  /** D, the number of features. */
  readonly featureCount: number;
  forward(images: tf.Tensor): ImageEmbedding;
}

/** The part of an image tower's output that CLIP uses: [B, D]. */
export type ImageEmbedding = { readonly features: tf.Tensor2D };

/** The output of {@link Clip}. Axes: B images, C texts, D features. */
export type ClipOutput = {
  /** [B, D] not normalised. */
  readonly imageFeatures: tf.Tensor2D;
  /** [C, D] not normalised. */
  readonly textFeatures: tf.Tensor2D;
  /** [B, C] exp(s) · cos. The transpose gives the logits of the images for each text. */
  readonly logits: tf.Tensor2D;
};

/**
 * CLIP: an image tower and a text tower with a common space of embeddings. It has OpenAI's state names: `visual.…` for
 * the image tower, no prefix for the text tower, and `logit_scale`.
 *
 * Source: Radford et al. 2021, figure 3.
 */
export class Clip<Visual extends ImageTower = ImageTower> extends Module {
  readonly visual: Visual;
  readonly token_embedding: ClipTextTransformer['token_embedding'];
  readonly positional_embedding: Parameter;
  readonly transformer: ClipTextTransformer['transformer'];
  readonly ln_final: LayerNorm;
  readonly text_projection: Parameter;
  /** s; ln(1 / 0.07) before training. */
  readonly logit_scale: Parameter;
  readonly #text: ClipTextTransformer;

  /** Owns both towers. */
  constructor(visual: Visual, text: ClipTextTransformer) {
    super();
    this.#text = text;
    this.visual = visual;
    this.token_embedding = text.token_embedding;
    this.positional_embedding = text.positional_embedding;
    this.transformer = text.transformer;
    this.ln_final = text.ln_final;
    this.text_projection = text.text_projection;
    this.logit_scale = new Parameter(tf.scalar(Math.log(1 / 0.07)));
  }

  /** The text tower; this network owns it. */
  get text(): ClipTextTransformer {
    return this.#text;
  }

  /**
   * @param images [B, H, W, 3], normalised as the weights require
   * @param ids [C, M] tokens of the texts
   * @throws ShapeError
   */
  forward(images: tf.Tensor, ids: tf.Tensor): ClipOutput {
    return tf.tidy(() => {
      const imageFeatures = this.visual.forward(images).features;
      const textFeatures = this.#text.forward(ids);
      const logits = clipSimilarity(imageFeatures, textFeatures, this.logit_scale.variable);
      return { imageFeatures, textFeatures, logits };
    });
  }
}
