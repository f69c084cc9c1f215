import {
  checkCount,
  checkOptionNames,
  checkShapes,
  Module,
  OptionError,
  Parameter,
  type RandomStream,
  withoutGradient,
} from '@ltml/tensor';
import type { TextTokenizer, TextTower } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link LearnedContext}. */
export interface LearnedContextOptions {
  /** n, number of vectors. */
  readonly length: number;
  /** W, width of the tower's token embeddings. */
  readonly width: number;
  /** C: each class gets its own context. Default: one context for all classes. */
  readonly classes?: number;
  readonly random: RandomStream;
}

/**
 * A learned context: trainable vectors instead of the words before a name.
 *
 * State names: `vectors` [n, W], or [C, n, W] with one context per class. They start from N(0, 0.02²).
 *
 * Source: Zhou et al. (CoOp), IJCV 2022.
 */
export class LearnedContext extends Module {
  readonly vectors: Parameter;

  /** @throws OptionError */
  constructor(options: LearnedContextOptions) {
    super();
    const where = 'LearnedContext';
    checkOptionNames(where, options, ['length', 'width', 'classes', 'random']);
    const { length, width, classes, random } = options;
    const shape = classes === undefined ? [length, width] : [classes, length, width];
    for (const [name, count] of Object.entries({ length, width, ...(classes !== undefined && { classes }) })) {
      checkCount(where, `options.${name}`, count);
    }
    const size = shape.reduce((product, n) => product * n, 1);
    this.vectors = new Parameter(
      tf.tensor(
        Float32Array.from({ length: size }, () => random.normal(0, 0.02)),
        shape,
      ),
    );
  }

  /**
   * The token embeddings of prompts, [C, M, W], without positions: those of the tower, with the context at its
   * positions. Only the context gets a gradient.
   *
   * @param ids [C, M] token ids of prompts with positions for this context
   * @param chosen [C] int32, the class of each prompt. Default: all classes in their order
   * @throws ShapeError if the prompts are too short, or have another number of classes
   */
  embed(tower: TextTower, ids: tf.Tensor2D, chosen?: tf.Tensor1D): tf.Tensor3D {
    return tf.tidy(() => {
      const [C, M] = ids.shape;
      const fixed = withoutGradient(() => tower.embedTokens(ids));
      const vectors = this.vectors.variable as tf.Tensor;
      const [n, W] = vectors.shape.slice(-2);
      const own = chosen && vectors.rank === 3 ? tf.gather(vectors, chosen) : vectors;
      const context = own.rank === 3 ? own : tf.tile(tf.reshape(own, [1, n, W]), [C, 1, 1]);
      checkShapes('LearnedContext.embed', {
        context: [context, 'C n W'],
        tokens: [fixed, 'C M W'],
        behind: [{ shape: [Math.max(M - 1 - n, 0)] }, `${M - 1 - n}`],
      });
      const start = tf.slice(fixed, [0, 0, 0], [C, 1, W]);
      const behind = tf.slice(fixed, [0, 1 + n, 0], [C, M - 1 - n, W]);
      return tf.concat([start, context as tf.Tensor3D, behind], 1);
    });
  }

  /** Initialises the context with the words of a phrase. @throws OptionError unless it has n tokens */
  startFrom(phrase: string, tower: TextTower, tokenizer: TextTokenizer): void {
    const ids = tokenizer.encode(phrase.replaceAll('_', ' '));
    const n = this.vectors.shape.at(-2) as number;
    if (ids.length !== n) {
      const [expected, received] = [`a phrase of ${n} tokens`, `${ids.length} in ${JSON.stringify(phrase)}`];
      throw new OptionError({ where: 'LearnedContext', argument: 'phrase', expected, received });
    }
    tf.tidy(() => {
      const words = tf.squeeze(tower.embedTokens(tf.tensor2d([ids], undefined, 'int32')), [0]);
      this.vectors.variable.assign(tf.add(tf.zerosLike(this.vectors.variable), words));
    });
  }
}
