import type { Dataset } from '@ltml/data';
import type { RandomStreams } from '@ltml/tensor';
import type { Augmentation } from '../parts/augmentation.ts';
import type { LoadedBackbone } from '../parts/backbones.ts';
import type { ImageSet } from '../parts/datasets.ts';
import { methods } from '../parts/methods.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { checkMemory, type KeptFeatures, keptFeatures } from './features.ts';
import { picturesOf } from './pictures.ts';
import type { Splits } from './splits.ts';

/** What the learner takes in of each split: pictures, or features of an encoder that rests. */
export interface Inputs {
  readonly train: Dataset;
  readonly validation: Dataset | null;
  readonly test: Dataset;
  /** Bytes of the features that are kept. */
  readonly bytes: number;
  /**
   * Computes the features that are kept, if any are; before that nothing but their shape is known.
   *
   * @param onProgress told how far it is, in [0, 1]
   * @param signal ends the work between two batches, with its reason as the error
   */
  compute(onProgress?: (done: number) => void, signal?: AbortSignal): Promise<void>;
}

/** @throws EntryError if the encoder has not what the method works on, or features take more memory than they may */
export function inputsOf(recipe: Recipe, splits: Splits, encoder: LoadedBackbone, random: RandomStreams): Inputs {
  const { cachedViews, augment, cacheLimit } = recipe;
  const kept: KeptFeatures[] = [];
  const inputs = (set: ImageSet, changes?: Augmentation): Dataset => {
    const pictures = picturesOf(set, encoder.statistics, changes);
    if (cachedViews === null) return pictures;
    const { view } = methods[recipe.method.name].needs;
    const views = changes ? cachedViews : 0;
    const features = keptFeatures(pictures, { encoder: encoder.encoder, view, views, random });
    kept.push(features);
    return features.dataset;
  };
  const train = inputs(splits.train, augment);
  const test = inputs(splits.test);
  // Where epochs are compared by the test images, their features are computed once.
  const validation = splits.validation === splits.test ? test : splits.validation && inputs(splits.validation);
  const bytes = kept.reduce((sum, features) => sum + features.bytes, 0);
  checkMemory(bytes, cacheLimit);
  return {
    train,
    validation,
    test,
    bytes,
    async compute(onProgress = () => {}, signal) {
      let done = 0;
      for (const features of kept) {
        await features.fill((share) => onProgress((done + share * features.bytes) / bytes), signal);
        done += features.bytes;
      }
    },
  };
}
