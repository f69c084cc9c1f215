import { type BytePicture, resolvePipeline } from '@ltml/images';
import { decodeImage } from '@ltml/images/node';
import { loadModel, type Model } from '@ltml/recipes/node';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { makeFolder } from '../paths.ts';
import { ProgressLine } from '../progress-line.ts';
import { explain } from './explain.ts';
import { MapNames } from './map-names.ts';
import { picturesIn } from './pictures.ts';
import { decodeModeOf, type PredictionOptions, printPredictions, rankClasses } from './prediction.ts';

export interface PredictOptions extends PredictionOptions {
  /** Folder for pictures of where each printed class looks, for learners that attend by class. */
  readonly explain?: string;
  readonly best?: boolean;
  readonly backend?: BackendArgument;
}

/** Prints the classes that a run's learner sees in pictures; folders stand for the pictures in them. */
export async function predict(run: string, paths: readonly string[], options: PredictOptions): Promise<void> {
  const files = paths.flatMap(picturesIn);
  await startEngine(options.backend);
  const line = new ProgressLine();
  const onWarning = (message: string): void => line.print(`warning: ${message}`);
  const model = await loadModel(run, { best: options.best ?? false, onWarning });
  try {
    if (options.explain !== undefined) makeFolder('--explain', options.explain);
    const maps = options.explain === undefined ? undefined : new MapNames(options.explain);
    await printPredictions(files, options, async (file) => {
      const picture = await decodeImage(file, { mode: decodeModeOf(options) });
      const input = inputOf(picture, model);
      try {
        const ranked = rankClasses(await scoresOf(input, model), model.classes, options.top);
        if (maps) await explain(maps, file, picture, input, model, ranked);
        return ranked;
      } finally {
        input.dispose();
      }
    });
  } finally {
    model.dispose();
  }
}

/** What the learner takes in of a picture. */
function inputOf(picture: BytePicture, { pipeline, imageSize, encode }: Model): tf.Tensor {
  const { pixels } = resolvePipeline(pipeline)(picture);
  return tf.tidy(() => encode(tf.tensor(pixels, [1, ...imageSize, 3])));
}

async function scoresOf(input: tf.Tensor, { learner }: Model): Promise<Float32Array> {
  const scores = tf.tidy(() => learner.predict(input));
  try {
    return (await scores.data()) as Float32Array;
  } finally {
    scores.dispose();
  }
}
