import { checkFlag, checkOptionNames, type RandomStreams } from '@ltml/tensor';
import type { TextTokenizer, TextTower } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { type ClassPrompts, classPrompts, promptIds } from '../prompts/class-prompts.ts';
import { LearnedContext } from '../prompts/learned-context.ts';

/** What a text is read by, and how its prompt begins. */
export interface ClassTextsOptions {
  readonly textTower: TextTower;
  readonly tokenizer: TextTokenizer;
  readonly contextLength: number;
  readonly perClass: boolean;
  /** A phrase; null: random numbers. */
  readonly start: string | null;
  readonly random: RandomStreams;
}

/**
 * Reads names of classes in a prompt whose context is learned.
 *
 * State names: `vectors`, see {@link LearnedContext}. The tower and the tokenizer are not a part of it.
 */
export class ClassTexts extends LearnedContext {
  readonly #options: ClassTextsOptions;
  readonly #prompts: ClassPrompts;

  /** @throws OptionError */
  constructor(classes: readonly string[], options: ClassTextsOptions) {
    const { textTower, tokenizer, contextLength, perClass, start, random } = checked(options);
    const width = tf.tidy(() => textTower.embedTokens(tf.zeros([1, 1], 'int32')).shape[2]);
    const prompts = classPrompts(classes, { tokenizer, contextLength });
    const size = { length: contextLength, width, ...(perClass && { classes: classes.length }) };
    super({ ...size, random: random.stream('init') });
    this.#options = options;
    this.#prompts = prompts;
    if (start !== null) this.startFrom(start, textTower, tokenizer);
  }

  /** [C, D] of the classes, not normalised. @param chosen [K] int32, for some of them in this order, [K, D] */
  read(chosen?: tf.Tensor1D): tf.Tensor2D {
    return tf.tidy(() => {
      const ids = promptIds(this.#prompts);
      return this.#readIds(chosen ? tf.gather(ids, chosen) : ids, chosen);
    });
  }

  /** [K, D] of any names, by a context that all classes share. */
  readNames(names: readonly string[]): tf.Tensor2D {
    const { tokenizer, contextLength } = this.#options;
    return tf.tidy(() => this.#readIds(promptIds(classPrompts(names, { tokenizer, contextLength }))));
  }

  #readIds(ids: tf.Tensor2D, chosen?: tf.Tensor1D): tf.Tensor2D {
    const { textTower } = this.#options;
    return textTower.forwardEmbedded(this.embed(textTower, ids, chosen), ids).embedding;
  }
}

/** Checked before the first of it is used, which is what the base class is made of. */
function checked(options: ClassTextsOptions): ClassTextsOptions {
  const names = ['textTower', 'tokenizer', 'contextLength', 'perClass', 'start', 'random'];
  checkOptionNames('ClassTexts', options, names);
  checkFlag('ClassTexts', 'options.perClass', options.perClass);
  return options;
}
