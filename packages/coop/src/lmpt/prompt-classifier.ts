import { checkNumber, checkShapes, l2Normalize, Module, type RandomStreams } from '@ltml/tensor';
import type { TextTokenizer, TextTower } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { type ClassPrompts, classPrompts, promptIds } from '../prompts/class-prompts.ts';
import { LearnedContext } from '../prompts/learned-context.ts';
import type { LmptConfig } from './config.ts';
import { placeNames } from './name-position.ts';

/** The parts of a {@link PromptClassifier}. */
export interface PromptClassifierParts {
  readonly textTower: TextTower;
  readonly tokenizer?: TextTokenizer;
  /** Prompts to use, if they should not be made from the class names by the tokenizer. */
  readonly prompts?: ClassPrompts;
}

type PromptOptions = Pick<LmptConfig, 'contextLength' | 'contextStart' | 'namePosition' | 'nameLength'>;

/**
 * Class embeddings from prompts with learned contexts, one for each class.
 *
 * State names: `context.vectors`, see {@link LearnedContext}.
 */
export class PromptClassifier extends Module {
  readonly context: LearnedContext;
  readonly #tower: TextTower;
  readonly #prompts: ClassPrompts;
  readonly #options: PromptOptions;

  /** @throws OptionError */
  constructor(
    classes: readonly string[],
    { textTower, tokenizer, prompts }: PromptClassifierParts,
    options: PromptOptions,
    random: RandomStreams,
  ) {
    super();
    const { contextLength: length, contextStart } = options;
    this.#tower = textTower;
    this.#options = options;
    this.#prompts = prompts ?? classPrompts(classes, { tokenizer: tokenizer as TextTokenizer, contextLength: length });
    const width = tf.tidy(() => textTower.embedTokens(tf.zeros([1, 1], 'int32')).shape[2]);
    const own = contextStart === null && { classes: classes.length };
    this.context = new LearnedContext({ length, width, ...own, random: random.stream('init') });
    if (contextStart !== null) this.context.startFrom(contextStart, textTower, tokenizer as TextTokenizer);
  }

  /** The token embeddings of the prompts, [C, M, W], without positions. */
  embedTokens(): tf.Tensor3D {
    const { namePosition, nameLength } = this.#options;
    return tf.tidy(() => {
      const embedded = this.context.embed(this.#tower, promptIds(this.#prompts));
      return placeNames(embedded, this.#prompts, namePosition, nameLength);
    });
  }

  /** Class embeddings [C, D], not normalised. @param tokens default: the result of {@link embedTokens} */
  read(tokens?: tf.Tensor3D): tf.Tensor2D {
    return tf.tidy(() => {
      return this.#tower.forwardEmbedded(tokens ?? this.embedTokens(), promptIds(this.#prompts)).embedding;
    });
  }
}

/**
 * Logits [B, C] of a cosine classifier: scale · cos(image, class).
 *
 * @param features [B, D] @param classes [C, D]
 * @throws ShapeError, OptionError
 */
export function cosineLogits(features: tf.Tensor2D, classes: tf.Tensor2D, scale: number): tf.Tensor2D {
  checkNumber('cosineLogits', 'scale', scale);
  checkShapes('cosineLogits', { features: [features, 'B D'], classes: [classes, 'C D'] });
  return tf.tidy(() => {
    const of = tf.mul<tf.Tensor2D>(l2Normalize(classes), scale);
    return tf.matMul(l2Normalize(features) as tf.Tensor2D, of, false, true);
  });
}
