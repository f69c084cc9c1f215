import type { Protocol } from '@ltml/data';
import type { Pipeline } from '@ltml/images';
import type { ScoreKind } from '@ltml/tensor/contract';
import type { NamedPart } from '../parts/part.ts';
import type { ModelRecipe } from './model-recipe.ts';

/** Which weights of a run a model has: the best, the averaged or the last ones. The run's scores come from these. */
export type WeightsKind = 'best' | 'averaged' | 'last';

/** Content of `model.json`: all that is needed to use a trained model, except the weights. */
export interface ModelDescription {
  readonly format: 'ltml-model';
  readonly version: 1;
  /** Name of the recipe. */
  readonly name: string;
  /** Classes, in the order of the scores. */
  readonly classes: readonly ModelClass[];
  /** Size of the input images, in pixels. */
  readonly pictures: {
    readonly height: number;
    readonly width: number;
    /** Steps that make inputs of this size from pictures of any size. */
    readonly pipeline: Pipeline;
  };
  /** Kind of the scores. */
  readonly scores: ScoreKind;
  /**
   * When a class is present: one threshold per class, or the largest gap between the scores of each image (`mcut` of
   * `@ltml/metrics`). Null until `ltml tune` has chosen.
   */
  readonly thresholds: Thresholds | null;
  /** Temperature of the probabilities: σ(score / temperature), or the softmax. Null until `ltml tune` has fitted it. */
  readonly calibration: Calibration | null;
  /** Facts about the training images. */
  readonly training: {
    readonly images: number;
    readonly classCounts: readonly number[];
    /**
     * [C] counts that divide classes into head, medium and tail: those of the whole training set, including held-out
     * images.
     */
    readonly groupCounts: readonly number[];
    /** How the data set's protocol divides classes into head, medium and tail. */
    readonly groups: Protocol['groups'];
    /** The recipe's data set, used to find its test images. */
    readonly data: NamedPart;
  };
  /** Width E of the class embeddings, which are among the weights; left out if the method has none. */
  readonly embeddingWidth?: number;
  /** The CLIP that reads labels; its weights are among the weights. Left out if the method reads no texts. */
  readonly text?: {
    /** Name in the zoo of `@ltml/backbone`. */
    readonly tower: string;
    readonly tokenizer: 'tokenizer.json';
  };
  /** Licence of the weights, an SPDX expression; null if not known. */
  readonly licence: string | null;
  /** Encoder and method with their options. */
  readonly recipe: ModelRecipe;
  /** SHA-256 of the whole recipe as JSON with sorted keys. The recipe is in the run folder. */
  readonly recipeHash: string;
  /** Null until the run has finished; until then `loadModel` takes the newest checkpoint. */
  readonly weights: StoredWeights | null;
}

/** A class of a model. */
export interface ModelClass {
  /** Name for people. */
  readonly name: string;
  /** Id in the data set; the name if it has no other. */
  readonly id: string;
  /** Text that the text encoder read for it; left out if the method reads no texts. */
  readonly text?: string;
}

/** [C] the lowest score (of `predict`) at which each class is present, or a rule that decides for each image. */
export type Thresholds = readonly number[] | 'mcut';

/** A fitted temperature. */
export interface Calibration {
  /** Above 0; scores are divided by it. */
  readonly temperature: number;
}

/** Number format of stored weights. `int8` has 8 bits per value, and a scale for each row of a tensor. */
export type Storage = 'float32' | 'float16' | 'int8';

/** Mean average precision on the run's validation images before and after storing, as fractions. */
export interface StorageCost {
  /** Number of validation images. */
  readonly images: number;
  readonly mAP: { readonly float32: number; readonly stored: number };
}

/** The file of weights in a model bundle. */
export interface StoredWeights {
  readonly file: 'model.safetensors';
  /** Of the whole file. */
  readonly sha256: string;
  /** Which weights of the run these are. */
  readonly kind: WeightsKind;
  /** Number format. */
  readonly storage: Storage;
  /** Largest difference of scores of sample images from those of the float32 model; 0 for float32. */
  readonly difference: number;
  /** Effect of fewer bits; null for float32, and if validation images were not available. */
  readonly cost: StorageCost | null;
  /** Optimiser step of the run that the weights are from. */
  readonly step: number;
}
