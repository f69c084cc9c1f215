import { l2Normalize, nearestName, OptionError, type TextReader } from '@ltml/tensor';
import type { MethodParts, Task } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { embedNames } from './clip/embed-names.ts';

/** Names that a method tells apart: the classes of the task, and others that it is to know as well. */
export function knownNames({ classes }: Pick<Task, 'classes'>, others: readonly string[]): readonly string[] {
  return [...new Set([...classes, ...others])];
}

/**
 * Embeddings of names, of length 1: those that are given for the classes of the task, or what the text tower makes of them.
 *
 * @returns [K, D]
 * @throws OptionError without either, and for names besides the classes of the task where embeddings are given
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
  const expected = `[C, D] with C = ${names.length}, an embedding for each name`;
  const hint = 'otherClasses need a text tower.';
  throw new OptionError({ where, argument: 'parts.classEmbeddings', expected, received: `${C}`, hint });
}

/** @throws OptionError without a text tower or a tokenizer */
export function readerOf(where: string, { textTower, tokenizer }: Partial<MethodParts>): TextReader {
  if (textTower && tokenizer) return { textTower, tokenizer };
  const argument = textTower ? 'parts.tokenizer' : 'parts.textTower';
  throw new OptionError({
    where,
    argument,
    expected: 'given, or parts.classEmbeddings in its place',
    received: 'nothing',
  });
}

/**
 * The places of some labels among those that are known, in their order.
 *
 * @throws OptionError for no labels, and for one that is not known
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
    expected: 'among those that it learned',
    received: JSON.stringify(missing),
    hint: `${near ? `Did you mean ${JSON.stringify(near)}? ` : ''}Name it in the option otherClasses and train anew.`,
  });
}

/** The columns of scores [B, K] at some places, in their order. */
export function columnsAt(scores: tf.Tensor2D, places: readonly number[]): tf.Tensor2D {
  return tf.tidy(() => tf.gather(scores, tf.tensor1d([...places], 'int32'), 1));
}
