import { checkChoice, checkOptionNames, OptionError, type RandomStream } from '@ltml/tensor';
import { type ColorJitterOptions, colorJitter, randomGrayscale } from '../color-jitter.ts';
import { type CutoutOptions, cutout } from '../cutout.ts';
import { type FiveCropsOptions, fiveCrops } from '../five-crops.ts';
import { type GaussianBlurOptions, gaussianBlur } from '../gaussian-blur.ts';
import { horizontalFlip } from '../horizontal-flip.ts';
import { type JitterOptions, jitter } from '../jitter.ts';
import { normalize, normalizeInto } from '../normalize.ts';
import { padAndShift } from '../pad-and-shift.ts';
import { type PadToMultipleOptions, padToMultiple } from '../pad-to-multiple.ts';
import { type PhotometricDistortionOptions, photometricDistortion } from '../photometric-distortion.ts';
import { checkPicture, type Picture, type Transform, toFloat } from '../picture.ts';
import type { Placement } from '../placement.ts';
import { type RandAugmentOptions, randAugment } from '../rand-augment/rand-augment.ts';
import { type TimmRandAugmentOptions, timmRandAugment } from '../rand-augment/timm-rand-augment.ts';
import { type TrivialAugmentOptions, trivialAugment } from '../rand-augment/trivial-augment.ts';
import { type RandomCropOptions, randomCrop } from '../random-crop.ts';
import { type RandomErasingOptions, randomErasing } from '../random-erasing.ts';
import { placeRandomResizedCrop, type RandomResizedCropOptions, randomResizedCrop } from '../random-resized-crop.ts';
import { type RandomSquareCropOptions, randomSquareCrop } from '../random-square-crop.ts';
import type { ChannelStatistics } from '../statistics.ts';
import { type CenterCropStep, centerCrop, placeResize, type ResizeStep, resizeStep } from './resize-step.ts';

/** The options of each step, by its name. The transform of the same name describes what it does. */
export interface StepOptions {
  readonly resize: ResizeStep;
  readonly centerCrop: CenterCropStep;
  readonly fiveCrops: FiveCropsOptions;
  readonly randomCrop: RandomCropOptions;
  readonly randomResizedCrop: RandomResizedCropOptions;
  readonly randomSquareCrop: RandomSquareCropOptions;
  readonly padToMultiple: PadToMultipleOptions;
  readonly horizontalFlip: object;
  readonly padAndShift: { readonly padding: number };
  readonly cutout: CutoutOptions;
  readonly randAugment: RandAugmentOptions;
  readonly timmRandAugment: TimmRandAugmentOptions;
  readonly trivialAugment: TrivialAugmentOptions;
  readonly randomErasing: RandomErasingOptions;
  readonly jitter: JitterOptions;
  readonly colorJitter: ColorJitterOptions;
  readonly randomGrayscale: { readonly probability: number };
  readonly gaussianBlur: GaussianBlurOptions;
  readonly photometricDistortion: PhotometricDistortionOptions;
  /** After this step nothing is rounded to whole levels. */
  readonly toFloat: object;
  readonly normalize: ChannelStatistics;
}

/** The name of a step. */
export type StepName = keyof StepOptions;

/** One step with its options, e.g. `{ name: 'resize', shorterSide: 256 }`. */
export type Step = { [Name in StepName]: { readonly name: Name } & StepOptions[Name] }[StepName];

/** The steps from a picture to a network's input, as plain data that can be stored as JSON. */
export type Pipeline = readonly Step[];

const transforms: { readonly [Name in StepName]: (options: StepOptions[Name]) => Transform } = {
  resize: resizeStep,
  centerCrop,
  fiveCrops,
  randomCrop,
  randomResizedCrop,
  randomSquareCrop,
  padToMultiple,
  horizontalFlip: (options) => {
    checkOptionNames('horizontalFlip', options, []);
    return horizontalFlip();
  },
  padAndShift: ({ padding, ...rest }) => {
    checkOptionNames('padAndShift', rest, ['padding']);
    return padAndShift(padding);
  },
  cutout,
  randAugment,
  timmRandAugment,
  trivialAugment,
  randomErasing,
  jitter,
  colorJitter,
  randomGrayscale: ({ probability, ...rest }) => {
    checkOptionNames('randomGrayscale', rest, ['probability']);
    return randomGrayscale(probability);
  },
  gaussianBlur,
  photometricDistortion,
  toFloat: (options) => {
    checkOptionNames('toFloat', options, []);
    return toFloat;
  },
  normalize,
};

/** The names of all steps. */
export const stepNames: readonly StepName[] = Object.keys(transforms) as StepName[];

/**
 * Turns a pipeline into a function that runs its steps in order.
 *
 * ```ts
 * const toInput = resolvePipeline([
 *   { name: 'resize', shorterSide: 256, filter: 'bicubic' },
 *   { name: 'centerCrop', size: 224 },
 *   { name: 'normalize', ...imagenetStatistics },
 * ]);
 * const { pixels } = toInput(await decodeImage('dog.jpg')); // [224, 224, 3]
 * ```
 *
 * @throws OptionError on an unknown step, listing the known ones, and on options that a step refuses; when called,
 *   ShapeError and DataError on an invalid picture
 */
export function resolvePipeline(pipeline: Pipeline): PipelineFunction {
  const resolved = resolveSteps(checkedSteps(pipeline));
  return (picture, random, into) => {
    checkPicture('resolvePipeline', picture);
    return resolved(picture, random, into);
  };
}

/**
 * A pipeline as a function.
 *
 * @param into optional memory for the result, used if it has the right number of values. Look at the result to see
 *   whether it was used
 */
export type PipelineFunction = (picture: Picture, random?: RandomStream, into?: Float32Array) => Picture;

/**
 * A pipeline that starts with a crop and a resize. What is cropped is known before the picture is decoded; `rest` are
 * the steps after it.
 */
export interface PlacedPipeline {
  readonly place: Placement;
  readonly rest: PipelineFunction;
}

/**
 * Splits a pipeline that starts with a crop and a resize.
 *
 * @returns undefined if the pipeline starts differently
 * @throws OptionError as {@link resolvePipeline}
 */
export function resolvePlaced(pipeline: Pipeline): PlacedPipeline | undefined {
  const [first, ...others] = checkedSteps(pipeline);
  const second = others[0];
  const isCentred = first?.name === 'resize' && second?.name === 'centerCrop';
  const place = first && placementOf(first, isCentred ? second : undefined);
  return place && { place, rest: resolveSteps(isCentred ? others.slice(1) : others) };
}

function placementOf(first: Step, middle?: Extract<Step, { name: 'centerCrop' }>): Placement | undefined {
  if (first.name === 'randomResizedCrop') return placeRandomResizedCrop(optionsOf(first));
  return first.name === 'resize' ? placeResize(optionsOf(first), middle && optionsOf(middle)) : undefined;
}

function checkedSteps(pipeline: Pipeline): Pipeline {
  if (!Array.isArray(pipeline)) {
    const received = JSON.stringify(pipeline) ?? String(pipeline);
    throw new OptionError({ where: 'resolvePipeline', argument: 'pipeline', expected: 'a list of steps', received });
  }
  for (const [i, step] of pipeline.entries()) {
    checkChoice('resolvePipeline', `pipeline[${i}].name`, (step as Step | null)?.name as StepName, stepNames);
  }
  return pipeline;
}

/** A final `normalize` writes its values directly into the given memory. */
function resolveSteps(steps: Pipeline): PipelineFunction {
  const last = steps.at(-1);
  const finish = last?.name === 'normalize' ? normalizeInto(optionsOf(last)) : undefined;
  const transforms = transformsOf(finish ? steps.slice(0, -1) : steps);
  return (picture, random, into) => {
    const made = transforms.reduce<Picture>((before, transform) => transform(before, random), picture);
    return finish ? finish(made, into) : made;
  };
}

function transformsOf(steps: Pipeline): Transform[] {
  return steps.flatMap((step, i) => {
    const [before, after] = [steps[i - 1], steps[i + 1]];
    if (step.name === 'resize' && after?.name === 'centerCrop') return [resizeStep(optionsOf(step), optionsOf(after))];
    return step.name === 'centerCrop' && before?.name === 'resize' ? [] : [transformOf(step)];
  });
}

function transformOf(step: Step): Transform {
  const make = transforms[step.name] as (options: object) => Transform;
  return make(optionsOf(step));
}

function optionsOf<S extends Step>({ name: _, ...options }: S): Omit<S, 'name'> {
  return options;
}
