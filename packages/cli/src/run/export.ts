import { join } from 'node:path';
import { exportSavedModel } from '@ltml/engines/node';
import { buildPredictor, type Predictor, readConfig, readWeights, resolveExperiment } from '@ltml/recipes';
import { importState } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../engine.ts';
import { printLines } from '../terminal.ts';

export interface ExportOptions {
  /** The folder to write. */
  readonly savedModel: string;
  readonly batch: number;
  readonly best?: boolean;
  readonly backend: 'tensorflow' | 'tensorflow-gpu';
}

/** Writes the learner of a run, with its backbone and the normalisation of pictures, as a TensorFlow SavedModel. */
export async function exportRun(run: string, { savedModel, batch, best, backend }: ExportOptions): Promise<void> {
  const config = resolveExperiment(readConfig(join(run, 'config.json')));
  const weights = await readWeights(run, best ?? false);
  await startEngine(backend);
  const predictor = await buildPredictor(config);
  const images = tf.zeros([batch, ...predictor.imageSize, 3]);
  try {
    importState(predictor.learner, weights);
    predictor.learner.eval();
    exportSavedModel(savedModel, { images }, (inputs) => ({ scores: scoresOf(predictor, inputs.images) }), {
      'classes.json': `${JSON.stringify(predictor.classes, null, 2)}\n`,
    });
  } finally {
    images.dispose();
    predictor.dispose();
  }
  await printLines(
    `wrote ${savedModel}: images [${images.shape.join(', ')}] to scores of ${predictor.classes.length} classes`,
  );
}

/** @param images [B, H, W, 3] levels 0 to 255 */
function scoresOf({ learner, encode, statistics: { mean, std } }: Predictor, images: tf.Tensor): tf.Tensor {
  return learner.predict(encode(tf.div(tf.sub(images, tf.tensor1d([...mean])), tf.tensor1d([...std]))));
}
