import { checkNumber, checkOptionNames, checkShapes, ShapeError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { columnsOf, debiasImages, type SparcCosines, standardized } from './debias.ts';
import { checkPlaces, mergeScores, rankedScores } from './merge.ts';

/** Options of {@link sparcScores}. */
export interface SparcOptions {
  /** Weight of the merged score, in [0, 1]. Default 0.5. */
  readonly mix?: number;
}

/**
 * Result of {@link sparcScores}. Axes: N images, C classes. (A type, not an interface, because `tf.tidy` does not
 * accept an interface.)
 */
export type SparcScores = {
  /** [N, C] debiased scores of the classes alone. */
  readonly single: tf.Tensor2D;
  /** [N, C] scores merged with the compound prompts that name the class. */
  readonly merged: tf.Tensor2D;
  /** [N, C] the final score, a mix of both. */
  readonly score: tf.Tensor2D;
};

/**
 * SPARC's scores of a set of images. The scores of an image depend on the other images of the set.
 *
 * 1. Debias the cosines within each image, then over the images.
 * 2. Merge the score of each class with its compound prompts, by their first principal direction.
 * 3. Mix the merged score with the score of the class alone.
 *
 * @param members for each class the indices of the compound prompts that name it, see {@link matchClasses}
 * @throws ShapeError; OptionError for fewer than two images or classes, and unless N is above the number of compound
 *   prompts of every class + 1
 *
 * Source: SPARC, CVPR 2025, released code.
 */
export async function sparcScores(
  cosines: SparcCosines,
  members: readonly (readonly number[])[],
  options: SparcOptions = {},
): Promise<SparcScores> {
  const where = 'sparcScores';
  checkOptionNames(where, options, ['mix']);
  const { mix = 0.5 } = options;
  checkNumber(where, 'options.mix', mix, { min: 0, max: 1 });
  const { C, M } = checkShapes(where, { ensemble: [cosines.ensemble, 'N C'], compound: [cosines.compound, 'N M'] });
  checkMembers(where, members, C, M);
  const { ensemble: single, compound } = debias(cosines);
  const columns: tf.Tensor1D[] = [];
  try {
    const own = tf.unstack(single, 1) as tf.Tensor1D[];
    columns.push(...own);
    for (const [c, places] of members.entries()) {
      if (places.length === 0) continue;
      const scores = rankedScores(compound, places, own[c]);
      const { merged } = await mergeScores(scores).finally(() => scores.dispose());
      columns[c] = merged;
      own[c].dispose();
    }
    return tf.tidy(() => {
      const merged = tf.stack(columns, 1) as tf.Tensor2D;
      const score = tf.add<tf.Tensor2D>(tf.mul(merged, mix), tf.mul(single, 1 - mix));
      return { single: tf.clone(single), merged, score };
    });
  } finally {
    tf.dispose([single, compound, ...columns]);
  }
}

/** Cosines debiased within each image, then over the images. */
export function debias(cosines: SparcCosines): { ensemble: tf.Tensor2D; compound: tf.Tensor2D } {
  return tf.tidy(() => {
    const { ensemble, compound } = debiasImages(cosines);
    return {
      ensemble: standardized(ensemble, columnsOf(ensemble)),
      compound: compound.size === 0 ? compound : standardized(compound, columnsOf(compound)),
    };
  });
}

function checkMembers(where: string, members: readonly (readonly number[])[], C: number, M: number): void {
  if (members.length !== C) {
    const [expected, received] = [`${C} lists of indices below ${M}`, `${members.length} lists`];
    throw new ShapeError({ where, argument: 'members', expected, received });
  }
  for (const [c, places] of members.entries()) checkPlaces(where, `members[${c}]`, places, M);
}
