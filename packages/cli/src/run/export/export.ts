import { type PredictionGraph, recordPrediction, writeChecked } from '@ltml/engines/node/export';
import { loadModel, type Model, sampleImages } from '@ltml/recipes/node';
import { DataError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../../engine.ts';
import { printErrors, printLines } from '../../terminal.ts';
import { type FormatName, formats } from './formats.ts';

export interface ExportOptions {
  readonly to: FormatName;
  /** The file or folder to write. */
  readonly out: string;
  readonly best?: boolean;
  readonly backend: 'tensorflow' | 'tensorflow-gpu';
}

/** How far apart scores may lie, of scores from −1 to 1; larger ones in proportion. */
const tolerance = 1e-4;
const sampleCount = 8;

/**
 * Writes the learner of a run, with its encoder and the normalisation of pictures, in a format of other programs. The file
 * gets its name once it gives the scores of the model itself on sample pictures.
 */
export async function exportRun(run: string, { to, out, best = false, backend }: ExportOptions): Promise<void> {
  const format = await formats[to]();
  await startEngine(backend);
  const onWarning = (message: string): void => printErrors(`warning: ${message}`);
  const model = await loadModel(run, { best, onWarning });
  try {
    const [height, width] = model.imageSize;
    const graph = recordPrediction({ images: [height, width, 3] }, ({ images }) => ({
      scores: scoresOf(model, images),
    }));
    let difference = 0;
    await writeChecked(
      out,
      (path) => format.write(path, graph, { classes: model.classes, scores: model.learner.scores }),
      async (path) => {
        difference = await largestDifference(model, graph, (images) => format.run(path, graph, images));
      },
    );
    await printLines(
      `wrote ${out}: images [batch, ${height}, ${width}, 3] to scores of ${model.classes.length} classes`,
      `its scores of ${sampleCount} sample pictures are ours to ${difference.toExponential(1)}`,
    );
  } finally {
    model.dispose();
  }
}

/** @param images [B, H, W, 3] levels 0 to 255 */
function scoresOf({ learner, encode, statistics: { mean, std } }: Model, images: tf.Tensor): tf.Tensor {
  return learner.predict(encode(tf.div(tf.sub(images, tf.tensor1d([...mean])), tf.tensor1d([...std]))));
}

/** @throws DataError if the scores of what was written are not those of the model, for one picture and for several */
async function largestDifference(
  model: Model,
  { outputs }: PredictionGraph,
  run: (images: tf.Tensor4D) => Promise<Float32Array>,
): Promise<number> {
  const samples = await sampleImages(model, sampleCount);
  let largest = 0;
  try {
    for (const batch of [1, sampleCount]) {
      const images = tf.slice(samples, 0, batch);
      const scores = tf.tidy(() => scoresOf(model, images));
      const [ours, theirs] = [await scores.data<'float32'>(), await run(images)];
      tf.dispose([images, scores]);
      const apart = Array.from(ours, (score, i) => Math.abs(score - theirs[i]) / Math.max(1, Math.abs(score)));
      const worst = apart.reduce((most, value) => Math.max(most, value), 0);
      if (!(worst <= tolerance) || theirs.length !== batch * (outputs.scores.shape[1] ?? Number.NaN)) {
        throw new DataError({
          where: 'export',
          argument: 'scores of what was written',
          expected: `those of the model to ${tolerance}`,
          received: `${theirs.length} scores, ${worst} apart, of ${batch} pictures`,
        });
      }
      largest = Math.max(largest, worst);
    }
    return largest;
  } finally {
    samples.dispose();
  }
}
