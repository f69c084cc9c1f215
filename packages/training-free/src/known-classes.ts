import { l2Normalize, nearestName, OptionError, type TextReader } from '@ltml/tensor';
import type { MethodParts, Task } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { embedNames } from './clip/embed-names.ts';

/** All class names of a method: the classes of the task, then the option `otherClasses`, without duplicates. */
export function knownNames({ classes }: Pick<Task, 'classes'>, others: readonly string[]): readonly string[] {
  return [...new Set([...classes, ...others])];
}

/**
 * Embeddings of names: the given `classEmbeddings`, or those of the text tower.
 *
 * @returns [K, D] unit vectors
 * @throws OptionError without either, and for `classEmbeddings` if there are other names than the classes of the task
 */
export function embeddingsOf(
  where: string,
  names: readonly string[],
  templates: readonly string[],
  parts: Partial<MethodParts>,
): tf.Tensor2D {
  const { classEmbeddings } = parts;
  if (!classEmbeddings) return embedNames(names, templates, readerOf(where, parts));
  const [C] = classEmbeddings.shape;
  if (C === names.length) return tf.tidy(() => tf.clone(l2Normalize(classEmbeddings)) as tf.Tensor2D);
  const expected = `[C, D] with C = ${names.length}, one embedding for each name`;
  const hint = 'otherClasses need a text tower.';
  throw new OptionError({ where, argument: 'parts.classEmbeddings', expected, received: `${C}`, hint });
}

/** The text tower and tokenizer of the parts. @throws OptionError if one of them is missing */
export function readerOf(where: string, { textTower, tokenizer }: Partial<MethodParts>): TextReader {
  if (textTower && tokenizer) return { textTower, tokenizer };
  const argument = textTower ? 'parts.tokenizer' : 'parts.textTower';
  throw new OptionError({
    where,
    argument,
    expected: `a ${textTower ? 'tokenizer' : 'text tower'}, or parts.classEmbeddings instead`,
    received: 'nothing',
  });
}

/**
 * The indices of labels in the list of known names, in the order of the labels.
 *
 * @throws OptionError without labels, and for a label that is not known
 */
export function placesOfLabels(where: string, known: readonly string[], labels: readonly string[]): readonly number[] {
  if (labels.length === 0) {
    throw new OptionError({ where, argument: 'labels', expected: 'at least one', received: 'none' });
  }
  const placeOf = new Map(known.map((name, place) => [name, place]));
  const missing = labels.find((label) => !placeOf.has(label));
  if (missing === undefined) return labels.map((label) => placeOf.get(label) as number);
  const near = nearestName(missing, known);
  throw new OptionError({
    where,
    argument: 'labels',
    expected: 'labels that the model has learned',
    received: JSON.stringify(missing),
    hint: `${near ? `Did you mean ${JSON.stringify(near)}? ` : ''}Add it to the option otherClasses and train again.`,
  });
}

/** The columns of scores [B, K] with given indices, in their order. */
export function columnsAt(scores: tf.Tensor2D, places: readonly number[]): tf.Tensor2D {
  return tf.tidy(() => tf.gather(scores, tf.tensor1d([...places], 'int32'), 1));
}
