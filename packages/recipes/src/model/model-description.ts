import type { Protocol } from '@ltml/data';
import type { Pipeline } from '@ltml/images';
import type { ScoreKind } from '@ltml/tensor/contract';
import type { NamedPart } from '../parts/part.ts';
import type { ModelRecipe } from './model-recipe.ts';

/** Which weights of a run a model has: those that its scores were computed with. */
export type WeightsKind = 'best' | 'averaged' | 'last';

/** `model.json`: all that is needed to use what a run learned, besides the weights. */
export interface ModelDescription {
  readonly format: 'ltml-model';
  readonly version: 1;
  readonly name: string;
  /** In the order of the scores. */
  readonly classes: readonly ModelClass[];
  readonly pictures: {
    readonly height: number;
    readonly width: number;
    /** How pictures of any size become inputs of this one. */
    readonly pipeline: Pipeline;
  };
  /** What its scores mean. */
  readonly scores: ScoreKind;
  /**
   * From which score on a class is present: one a class, or by the largest gap of each image (`mcut` of `@ltml/metrics`);
   * null until `ltml tune` has chosen.
   */
  readonly thresholds: Thresholds | null;
  /** By which scores become probabilities: σ(score / temperature), or the softmax; null until `ltml tune` has fitted it. */
  readonly calibration: Calibration | null;
  /** Of the images that it was trained on. */
  readonly training: {
    readonly images: number;
    readonly classCounts: readonly number[];
    /** [C] counts by which classes are head, medium and tail: those of the whole training set. */
    readonly groupCounts: readonly number[];
    /** How the data set tells head, medium and tail classes apart. */
    readonly groups: Protocol['groups'];
    /** The data set, to find its test images by. */
    readonly data: NamedPart;
  };
  /** E of the class embeddings, which stand among the weights; left out by methods without. */
  readonly embeddingWidth?: number;
  /** The CLIP that a method reads labels by: its weights stand among the others. Left out by methods without. */
  readonly text?: {
    /** Of the zoo of `@ltml/backbone`. */
    readonly tower: string;
    readonly tokenizer: 'tokenizer.json';
  };
  /** Licence of the weights, an SPDX expression; null until someone says it. */
  readonly licence: string | null;
  /** Encoder and method, with their options. */
  readonly recipe: ModelRecipe;
  /** SHA-256 of the whole recipe as JSON with sorted keys, which stands in the run folder. */
  readonly recipeHash: string;
  /** Null until the run has finished: until then its newest checkpoint counts. */
  readonly weights: StoredWeights | null;
}

/** A class of a model. */
export interface ModelClass {
  /** What people read. */
  readonly name: string;
  /** What the data set calls it; the name where it has no other. */
  readonly id: string;
  /** What the text encoder read for it; left out by methods that read no texts. */
  readonly text?: string;
}

/** [C] lowest scores at which classes are present, of the scores as `predict` gives them, or a rule for each image. */
export type Thresholds = readonly number[] | 'mcut';

/** How scores become calibrated probabilities. */
export interface Calibration {
  readonly temperature: number;
}

/** `int8`: 8 bits a number, with a scale for each row of a tensor. */
export type Storage = 'float32' | 'float16' | 'int8';

/** Mean average precision on the validation images of the run, fractions. */
export interface StorageCost {
  readonly images: number;
  readonly mAP: { readonly float32: number; readonly stored: number };
}

/** The file of weights in a model bundle. */
export interface StoredWeights {
  readonly file: 'model.safetensors';
  readonly sha256: string;
  readonly kind: WeightsKind;
  /** How numbers are stored. */
  readonly storage: Storage;
  /** How far the scores of sample images lie from those of float32; 0 for that. */
  readonly difference: number;
  /** What fewer bits cost; null for float32, and where no validation images were at hand to measure it. */
  readonly cost: StorageCost | null;
  /** Optimiser steps of the run when it had them. */
  readonly step: number;
}
