import { checkShapes, freezeNetwork, Module, ModuleBuffer, OptionError } from '@ltml/tensor';
import type { Encoder, Learner, MethodParts, Stage, Task } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { embedNames, type NameReader } from '../clip/embed-names.ts';
import { type ClipTower, isClipTower } from '../clip/tower.ts';
import { readerOf } from '../known-classes.ts';
import type { TagclipConfig } from './config.ts';
import { tagclipScores } from './scores.ts';

/** What TagCLIP is put together from. */
export interface TagclipParts extends Pick<MethodParts, 'textTower' | 'tokenizer'> {
  /** A CLIP's vision transformer, which stays as it is. */
  readonly encoder?: Encoder;
}

/**
 * Classification by the patches of a frozen CLIP and what they attend to. There is nothing to learn; any labels can be
 * scored.
 *
 * Images go one by one, each some dozens of times: once as a whole, and once for each likely class.
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
  readonly #reader: NameReader;

  /** @throws OptionError unless the encoder is a CLIP's vision transformer */
  constructor(task: Task, parts: TagclipParts, config: TagclipConfig) {
    super();
    const { encoder } = parts;
    if (!encoder || !isClipTower(encoder)) {
      throw new OptionError({
        where: 'Tagclip',
        argument: 'parts.encoder',
        expected: 'a vision transformer of CLIP, whose attention it looks at',
        received: encoder ? 'another network' : 'nothing',
      });
    }
    this.config = config;
    this.encoder = encoder;
    freezeNetwork(encoder, { parameters: '', statistics: '' });
    this.#reader = readerOf('Tagclip', parts);
    const labels = embedNames(task.classes, config.templates, this.#reader);
    checkShapes('Tagclip', { 'parts.textTower': [labels, `C ${encoder.proj.shape[1]}`] });
    this.labels = new ModuleBuffer(labels, 'same');
    const { background } = config;
    this.#background = background.length > 0 ? embedNames(background, config.templates, this.#reader) : undefined;
  }

  /** @param inputs [B, H, W, 3], sides multiples of the tower's patch */
  forward(inputs: tf.Tensor): { readonly score: tf.Tensor2D } {
    return tf.tidy(() => ({ score: this.predictClasses(inputs, this.labels.variable as tf.Tensor as tf.Tensor2D) }));
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return this.forward(inputs).score;
  }

  predictLabels(inputs: tf.Tensor, labels: readonly string[]): tf.Tensor2D {
    return tf.tidy(() => this.predictClasses(inputs, embedNames(labels, this.config.templates, this.#reader)));
  }

  /** @param embeddings [E, D] of length 1 */
  predictClasses(inputs: tf.Tensor, embeddings: tf.Tensor2D): tf.Tensor2D {
    const { templates: _, background: __, ...options } = this.config;
    const classes = embeddings.shape[0];
    return tf.tidy(() => {
      const text = this.#background ? tf.concat([embeddings, this.#background], 0) : embeddings;
      if (inputs.shape[0] === 0) return tf.zeros([0, classes]);
      const images: tf.Tensor4D[] = tf.split(inputs as tf.Tensor4D, inputs.shape[0], 0);
      const rows = images.map((image) =>
        tf.tidy(() => tagclipScores(this.encoder, image, text, { ...options, classes }).score),
      );
      return tf.stack(rows) as tf.Tensor2D;
    });
  }

  override dispose(): void {
    super.dispose();
    this.#background?.dispose();
  }
}
