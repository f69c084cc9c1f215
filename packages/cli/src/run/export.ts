import { exportSavedModel } from '@ltml/engines/node';
import { loadModel, type Model } from '@ltml/recipes';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../engine.ts';
import { printErrors, printLines } from '../terminal.ts';

export interface ExportOptions {
  /** The folder to write. */
  readonly savedModel: string;
  readonly batch: number;
  readonly best?: boolean;
  readonly backend: 'tensorflow' | 'tensorflow-gpu';
}

/** Writes the learner of a run, with its encoder and the normalisation of pictures, as a TensorFlow SavedModel. */
export async function exportRun(run: string, { savedModel, batch, best, backend }: ExportOptions): Promise<void> {
  await startEngine(backend);
  const onWarning = (message: string): void => printErrors(`warning: ${message}`);
  const model = await loadModel(run, { best: best ?? false, onWarning });
  const images = tf.zeros([batch, ...model.imageSize, 3]);
  try {
    exportSavedModel(savedModel, { images }, (inputs) => ({ scores: scoresOf(model, inputs.images) }), {
      'classes.json': `${JSON.stringify(model.classes, null, 2)}\n`,
    });
  } finally {
    images.dispose();
    model.dispose();
  }
  await printLines(
    `wrote ${savedModel}: images [${images.shape.join(', ')}] to scores of ${model.classes.length} classes`,
  );
}

/** @param images [B, H, W, 3] levels 0 to 255 */
function scoresOf({ learner, encode, statistics: { mean, std } }: Model, images: tf.Tensor): tf.Tensor {
  return learner.predict(encode(tf.div(tf.sub(images, tf.tensor1d([...mean])), tf.tensor1d([...std]))));
}
