import { checkCount, checkOptionNames, type HostTensor, l2Normalize, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkFlags, checkTexts } from '../check-sizes.ts';
import type { ClipTextTransformer } from './clip-text-transformer.ts';
import type { ClipTokenizer, TokenBatch } from './clip-tokenizer.ts';
import { cprflTemplate, fillTemplate } from './prompts.ts';

/** Options of {@link embedClasses}. */
export interface EmbedClassesOptions {
  /** The tokenizer of the tower. */
  readonly tokenizer: ClipTokenizer;
  /** The text tower. */
  readonly tower: ClipTextTransformer;
  /** Templates with `{}` for the name; default only `a photo of a {}.`. */
  readonly templates?: readonly string[];
  /**
   * Whether each prompt's embedding and their mean are scaled to length 1 (default), or the plain embeddings are
   * averaged.
   */
  readonly normalize?: boolean;
  /** Number of prompts encoded at once, which limits memory; default 32. */
  readonly batchSize?: number;
}

/**
 * Embeds class names. Each name is put into each template, encoded and normalised; the embeddings of a name are
 * averaged over the templates and normalised again. Prompts are cut to the longest of their batch, which only saves
 * time.
 *
 * @returns [C, D] in host memory
 * @throws OptionError
 * Source: Radford et al. 2021, section 3.1.4.
 */
export async function embedClasses(names: readonly string[], options: EmbedClassesOptions): Promise<HostTensor> {
  const { tower, normalize = true, batchSize = 32 } = options;
  const { templateCount, prompts } = tokenizePrompts(names, options);
  const D = tower.featureCount;
  const embeddings = new Float32Array(names.length * D);
  // A batch contains all prompts of its classes, so that one op computes their means.
  const classesAtOnce = Math.max(1, Math.floor(batchSize / templateCount));
  for (let first = 0; first < names.length; first += classesAtOnce) {
    const C = Math.min(classesAtOnce, names.length - first);
    const embedded = tf.tidy(() => {
      const ids = cutToLongest(prompts, first * templateCount, C * templateCount, options.tokenizer.endId);
      const rows = tower.forward(ids);
      const grouped = tf.reshape(normalize ? l2Normalize(rows) : rows, [C, templateCount, D]);
      const mean = tf.mean(grouped, 1);
      return normalize ? l2Normalize(mean) : mean;
    });
    embeddings.set(await embedded.data<'float32'>(), first * D);
    embedded.dispose();
  }
  return { dtype: 'F32', shape: [names.length, D], data: embeddings };
}

/** The prompts of all classes, those of one class next to each other. @throws OptionError on any of the options */
export function tokenizePrompts(
  names: readonly string[],
  options: EmbedClassesOptions,
): { readonly templateCount: number; readonly prompts: TokenBatch } {
  const where = 'embedClasses';
  checkOptionNames(where, options, ['tokenizer', 'tower', 'templates', 'normalize', 'batchSize']);
  const { tokenizer, templates = [cprflTemplate], normalize, batchSize = 32 } = options;
  checkTexts(where, 'names', names);
  checkTexts(where, 'options.templates', templates);
  checkFlags(where, { 'options.normalize': normalize });
  checkCount(where, 'options.batchSize', batchSize);
  if (names.length === 0 || templates.length === 0) {
    throw new OptionError({
      where,
      argument: names.length === 0 ? 'names' : 'options.templates',
      expected: 'at least one',
      received: 'none',
    });
  }
  const prompts = names.flatMap((name) => templates.map((template) => fillTemplate(template, name)));
  return { templateCount: templates.length, prompts: tokenizer.tokenize(prompts) };
}

/** Rows of a batch as a tensor, without the columns after the last end token. */
function cutToLongest({ shape, ids }: TokenBatch, first: number, count: number, endId: number): tf.Tensor2D {
  const L = shape[1];
  const rows = Array.from({ length: count }, (_, i) => ids.subarray((first + i) * L, (first + i + 1) * L));
  const longest = rows.reduce((most, row) => Math.max(most, row.indexOf(endId) + 1), 0);
  const cut = new Int32Array(count * longest);
  for (const [i, row] of rows.entries()) cut.set(row.subarray(0, longest), i * longest);
  return tf.tensor2d(cut, [count, longest], 'int32');
}
