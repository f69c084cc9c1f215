import { RandomStreams } from '@ltml/tensor';
import type { Encoder, Task } from '@ltml/tensor/contract';
import type * as tf from '@tensorflow/tfjs-core';
import type { LearnerSources } from '../learner.ts';
import type { ModelRecipe } from '../model/model-recipe.ts';
import { classEmbeddings } from '../parts/class-embeddings.ts';
import { encoders } from '../parts/encoders.ts';
import type { MethodConfig } from '../parts/method-schema.ts';
import { EntryError } from '../usage-error.ts';
import type { ClipTowers } from './clip-towers.ts';
import { embeddingFiles } from './embedding-files.ts';

/**
 * The networks of a learner that will be trained, as the recipe names them.
 *
 * @param imageSize of the pictures, also for the teacher, in pixels
 */
export function learnerSources(
  recipe: ModelRecipe,
  task: Task,
  clip: ClipTowers,
  imageSize: readonly [height: number, width: number],
): LearnerSources {
  return {
    secondEncoder: () => secondEncoder(recipe),
    teacher: () => clip.teacher(imageSize),
    texts: () => clip.texts(),
    embeddings: () => embedClasses(recipe.method, task.classes),
  };
}

/** A second network like the recipe's encoder. The method copies the weights. */
async function secondEncoder({ encoder, seed }: ModelRecipe): Promise<Encoder> {
  const random = new RandomStreams(seed).stream('init');
  return (await encoders.create(encoder, { random })).network;
}

/**
 * Class embeddings [C, E] from the source that a recipe names. @throws EntryError if its files do not exist or do not
 * fit
 */
export async function embedClasses(
  { classEmbeddings: source }: Pick<MethodConfig, 'classEmbeddings'>,
  classes: readonly string[],
): Promise<tf.Tensor2D> {
  try {
    if (!source) throw new Error('is missing');
    return await classEmbeddings.create(source, { classes, files: embeddingFiles });
  } catch (error) {
    throw new EntryError((error as Error).message, 'method.classEmbeddings');
  }
}
