import { checkShapes, freezeNetwork, l2Normalize, Module, ModuleBuffer, OptionError } from '@ltml/tensor';
import type { Encoder, LabelScorer, Learner, MethodParts, Stage, Task } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { embedNames } from '../clip/embed-names.ts';
import { type ClipTower, isClipTower } from '../clip/tower.ts';
import { embeddingsOf, readerOf } from '../known-classes.ts';
import type { TagclipConfig } from './config.ts';
import { tagclipScores } from './scores.ts';

/** The parts of {@link Tagclip}. Give a text tower with its tokenizer, or class embeddings [C, D] of the same CLIP. */
export interface TagclipParts extends Pick<MethodParts, 'textTower' | 'tokenizer' | 'classEmbeddings'> {
  /** The vision transformer of a CLIP; it is frozen. */
  readonly encoder?: Encoder;
}

/**
 * TagCLIP: training-free classification with the patches and the attention of a frozen CLIP. It learns nothing and can
 * score any labels.
 *
 * It processes images one by one. Each takes one forward pass for the whole image, and one for each likely class.
 *
 * State names: `encoder.…`, and `labels` [C, D], the embeddings of the task's classes.
 *
 * Source: TagCLIP, AAAI 2024, and its released code.
 */
export class Tagclip extends Module implements Learner {
  readonly encoder: Encoder & ClipTower;
  readonly labels: ModuleBuffer;
  readonly stages: readonly Stage[] = [];
  readonly scores = 'relative' as const;
  readonly config: TagclipConfig;
  readonly #background: tf.Tensor2D | undefined;
  readonly #parts: TagclipParts;

  /** @throws OptionError unless the encoder is a CLIP's vision transformer */
  constructor(task: Task, parts: TagclipParts, config: TagclipConfig) {
    super();
    const { encoder } = parts;
    if (!encoder || !isClipTower(encoder)) {
      throw new OptionError({
        where: 'Tagclip',
        argument: 'parts.encoder',
        expected: 'a vision transformer of CLIP, whose attention is used',
        received: encoder ? 'another network' : 'nothing',
      });
    }
    this.config = config;
    this.encoder = encoder;
    freezeNetwork(encoder, { parameters: '', statistics: '' });
    this.#parts = parts;
    const labels = embeddingsOf('Tagclip', task.classes, config.templates, parts);
    checkShapes('Tagclip', {
      [parts.classEmbeddings ? 'parts.classEmbeddings' : 'parts.textTower']: [labels, `C ${encoder.proj.shape[1]}`],
    });
    this.labels = new ModuleBuffer(labels, 'same');
    const { background } = config;
    this.#background = background.length > 0 ? this.#read(background) : undefined;
  }

  /** Scores [B, C]. @param inputs images [B, H, W, 3], sides multiples of the tower's patch size */
  forward(inputs: tf.Tensor): { readonly score: tf.Tensor2D } {
    return tf.tidy(() => ({ score: this.predictClasses(inputs, this.labels.variable as tf.Tensor as tf.Tensor2D) }));
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return this.forward(inputs).score;
  }

  /** Scores any labels. @throws OptionError without a text tower */
  labelScorer(labels: readonly string[]): LabelScorer {
    const embedded = tf.keep(this.#read(labels));
    return {
      predict: (inputs) => this.predictClasses(inputs, embedded),
      dispose: () => embedded.dispose(),
    };
  }

  /** Scores [B, E] of any classes, given their embeddings. @param embeddings [E, D] */
  predictClasses(inputs: tf.Tensor, embeddings: tf.Tensor2D): tf.Tensor2D {
    const { templates: _, background: __, ...options } = this.config;
    const classes = embeddings.shape[0];
    return tf.tidy(() => {
      const unit = l2Normalize(embeddings) as tf.Tensor2D;
      const text = this.#background ? tf.concat([unit, this.#background], 0) : unit;
      if (inputs.shape[0] === 0) return tf.zeros([0, classes]);
      const images: tf.Tensor4D[] = tf.split(inputs as tf.Tensor4D, inputs.shape[0], 0);
      const rows = images.map((image) =>
        tf.tidy(() => tagclipScores(this.encoder, image, text, { ...options, classes }).score),
      );
      return tf.stack(rows) as tf.Tensor2D;
    });
  }

  #read(names: readonly string[]): tf.Tensor2D {
    return embedNames(names, this.config.templates, readerOf('Tagclip', this.#parts));
  }

  override dispose(): void {
    super.dispose();
    this.#background?.dispose();
  }
}
