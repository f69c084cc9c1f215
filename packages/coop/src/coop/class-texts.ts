import { checkFlag, checkOptionNames, type RandomStreams } from '@ltml/tensor';
import type { TextTokenizer, TextTower } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { type ClassPrompts, classPrompts, promptIds } from '../prompts/class-prompts.ts';
import { LearnedContext } from '../prompts/learned-context.ts';

/** Options of {@link ClassTexts}. */
export interface ClassTextsOptions {
  readonly textTower: TextTower;
  readonly tokenizer: TextTokenizer;
  /** n, number of learned vectors in the context. */
  readonly contextLength: number;
  /** Whether each class has its own context. */
  readonly perClass: boolean;
  /** The initial words of the context, as a phrase; null: random vectors. */
  readonly start: string | null;
  readonly random: RandomStreams;
}

/**
 * Embeds class names in a prompt with a learned context.
 *
 * State names: `vectors`, see {@link LearnedContext}. Text tower and tokenizer are not part of the state.
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

  /**
   * Embeddings of the classes, [C, D] or [K, D], not normalised. @param chosen [K] int32, indices of classes; default:
   * all
   */
  read(chosen?: tf.Tensor1D): tf.Tensor2D {
    return tf.tidy(() => {
      const ids = promptIds(this.#prompts);
      return this.#readIds(chosen ? tf.gather(ids, chosen) : ids, chosen);
    });
  }

  /** Embeddings of any names, [K, D]. Works with a context that all classes share. */
  readNames(names: readonly string[]): tf.Tensor2D {
    const { tokenizer, contextLength } = this.#options;
    return tf.tidy(() => this.#readIds(promptIds(classPrompts(names, { tokenizer, contextLength }))));
  }

  #readIds(ids: tf.Tensor2D, chosen?: tf.Tensor1D): tf.Tensor2D {
    const { textTower } = this.#options;
    return textTower.forwardEmbedded(this.embed(textTower, ids, chosen), ids).embedding;
  }
}

/** Checks the options before the base class uses them. */
function checked(options: ClassTextsOptions): ClassTextsOptions {
  const names = ['textTower', 'tokenizer', 'contextLength', 'perClass', 'start', 'random'];
  checkOptionNames('ClassTexts', options, names);
  checkFlag('ClassTexts', 'options.perClass', options.perClass);
  return options;
}
