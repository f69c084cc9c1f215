import { join } from 'node:path';
import { preprocess } from '@ltml/backbone';
import { decodeImage } from '@ltml/backbone/node';
import { importState } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { resolveExperiment } from '../config/experiment.ts';
import { readConfig } from '../config/source.ts';
import { startEngine } from '../engine.ts';
import { buildPredictor, type Predictor } from '../experiment.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { picturesIn } from './pictures.ts';
import { type PredictionOptions, printPredictions, rankClasses } from './prediction.ts';
import { readWeights } from './weights-of-run.ts';

export interface PredictOptions extends PredictionOptions {
  readonly best?: boolean;
  readonly backend?: BackendArgument;
}

/** Prints the classes that a run's learner sees in pictures; folders stand for the pictures in them. */
export async function predict(run: string, paths: readonly string[], options: PredictOptions): Promise<void> {
  const files = paths.flatMap(picturesIn);
  const config = resolveExperiment(readConfig(join(run, 'config.json')));
  const weights = await readWeights(run, options.best ?? false);
  await startEngine(options.backend);
  const predictor = await buildPredictor(config);
  try {
    importState(predictor.learner, weights);
    predictor.learner.eval();
    await printPredictions(files, options, async (image) =>
      rankClasses(await scoresOf(image, predictor), predictor.classes, options.top),
    );
  } finally {
    predictor.dispose();
  }
}

/** @throws DataError if the picture is broken */
async function scoresOf(image: string, { learner, statistics, imageSize, encode }: Predictor): Promise<Float32Array> {
  const [height, width] = imageSize;
  const { pixels } = preprocess(await decodeImage(image), {
    resize: { height, width },
    filter: 'bilinear',
    statistics,
  });
  const scores = tf.tidy(() => learner.predict(encode(tf.tensor(pixels, [1, height, width, 3]))));
  try {
    return (await scores.data()) as Float32Array;
  } finally {
    scores.dispose();
  }
}
