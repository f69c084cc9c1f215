import { resolvePipeline } from '@ltml/images';
import { decodeImage } from '@ltml/images/node';
import { loadModel, type Model } from '@ltml/recipes/node';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { makeFolder } from '../paths.ts';
import { ProgressLine } from '../progress-line.ts';
import { explain } from './explain.ts';
import { MapNames } from './map-names.ts';
import { chooseFormat } from './predict/choose-format.ts';
import { countPictures } from './predict/picture-paths.ts';
import { modelPredictor } from './predict/predictor.ts';
import { likeliest, type PredictedRow } from './predict/rows.ts';
import { viewsOf } from './predict/views.ts';
import { writePredictions } from './predict/write-predictions.ts';
import { decodeModeOf, type PredictionOptions } from './prediction.ts';

export interface PredictOptions extends PredictionOptions {
  /** Folder for pictures of where each printed class looks, for learners that attend by class. */
  readonly explain?: string;
  readonly best?: boolean;
  readonly backend?: BackendArgument;
}

/** Prints or writes the classes that a run's model sees in pictures; folders stand for the pictures in them. */
export async function predict(run: string, paths: readonly string[], options: PredictOptions): Promise<void> {
  chooseFormat(options);
  countPictures(paths);
  await startEngine(options.backend);
  const line = new ProgressLine();
  const onWarning = (message: string): void => line.print(`warning: ${message}`);
  const model = await loadModel(run, { best: options.best ?? false, onWarning });
  try {
    const { tta = 'none', asStored = false, explain: folder } = options;
    if (folder !== undefined) makeFolder('--explain', folder);
    const maps = folder === undefined ? undefined : new MapNames(folder);
    const { name, weights, thresholds, calibration } = model;
    await writePredictions(paths, modelPredictor(model, viewsOf(tta, model.pipeline, model.imageSize)), {
      ...options,
      settings: { model: name, classes: model.classes, weights, thresholds, calibration, tta, asStored },
      ...(maps && { onRow: (row) => explainRow(maps, row, model, options) }),
    });
  } finally {
    model.dispose();
  }
}

/** Where the classes look that are printed of a picture. */
async function explainRow(maps: MapNames, row: PredictedRow, model: Model, options: PredictOptions): Promise<void> {
  const picture = await decodeImage(row.path, { mode: decodeModeOf(options) });
  const { pixels } = resolvePipeline(model.pipeline)(picture);
  const input = tf.tidy(() => model.encode(tf.tensor(pixels, [1, ...model.imageSize, 3])));
  const shown = likeliest(row, options.top).map((c) => ({ class: model.classes[c], score: row.scores[c] }));
  try {
    await explain(maps, row.path, picture, input, model, shown);
  } finally {
    input.dispose();
  }
}
