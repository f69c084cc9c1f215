import { mkdirSync } from 'node:fs';
import { preprocess } from '@ltml/images';
import { decodeImage } from '@ltml/images/node';
import { loadModel, type Model } from '@ltml/recipes';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { ProgressLine } from '../progress-line.ts';
import { explain } from './explain.ts';
import { picturesIn } from './pictures.ts';
import { type PredictionOptions, printPredictions, rankClasses } from './prediction.ts';

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
    if (options.explain !== undefined) mkdirSync(options.explain, { recursive: true });
    await printPredictions(files, options, async (image) => {
      const input = await inputOf(image, model);
      try {
        const ranked = rankClasses(await scoresOf(input, model), model.classes, options.top);
        if (options.explain !== undefined) await explain(options.explain, image, input, model, ranked);
        return ranked;
      } finally {
        input.dispose();
      }
    });
  } finally {
    model.dispose();
  }
}

/** What the learner takes in of a picture. @throws DataError if the picture is broken */
async function inputOf(image: string, { statistics, imageSize, encode }: Model): Promise<tf.Tensor> {
  const [height, width] = imageSize;
  const { pixels } = preprocess(await decodeImage(image), {
    resize: { height, width },
    filter: 'bilinear',
    statistics,
  });
  return tf.tidy(() => encode(tf.tensor(pixels, [1, height, width, 3])));
}

async function scoresOf(input: tf.Tensor, { learner }: Model): Promise<Float32Array> {
  const scores = tf.tidy(() => learner.predict(input));
  try {
    return (await scores.data()) as Float32Array;
  } finally {
    scores.dispose();
  }
}
