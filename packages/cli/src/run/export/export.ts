import { type PredictionGraph, recordPrediction, writeChecked } from '@ltml/engines/node/export';
import { loadModel, type Model, sampleImages } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { DataError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../../engine.ts';
import type { BackendArgument } from '../../option-parsers.ts';
import { printErrors, printLines } from '../../terminal.ts';
import { type FormatName, formats } from './formats.ts';

/** Options of `ltml export` for formats of other programs. */
export interface ExportOptions {
  readonly to: FormatName;
  /** The file or folder to write. */
  readonly out: string;
  readonly best?: boolean;
  /** A TensorFlow engine; default: the one for CPUs. */
  readonly backend?: BackendArgument;
}

/** Largest allowed difference of a score: absolute for scores in [−1, 1], relative for larger ones. */
const tolerance = 1e-4;
const sampleCount = 8;

/**
 * Writes the model of a run, including its encoder and the normalisation of pictures, in a format of another program.
 * The file gets its name only after its scores of sample pictures agree with those of the model.
 */
export async function exportRun(
  run: string,
  { to, out, best = false, backend = 'auto' }: ExportOptions,
): Promise<void> {
  const engine = backend === 'auto' ? 'tensorflow' : backend;
  if (engine !== 'tensorflow' && engine !== 'tensorflow-gpu') {
    const needed = 'needs the engine tensorflow or tensorflow-gpu';
    throw new UsageError(`--to ${to}: ${needed}, got ${engine} from --backend or LTML_BACKEND`);
  }
  const format = await formats[to]();
  await startEngine(engine);
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
      `scores of ${sampleCount} sample pictures differ from the model's by at most ${difference.toExponential(1)}`,
    );
  } finally {
    model.dispose();
  }
}

/** @param images [B, H, W, 3], RGB from 0 to 255 */
function scoresOf({ learner, encode, statistics: { mean, std } }: Model, images: tf.Tensor): tf.Tensor {
  return learner.predict(encode(tf.div(tf.sub(images, tf.tensor1d([...mean])), tf.tensor1d([...std]))));
}

/**
 * Compares the scores of the written file with those of the model, for one picture and for several. @throws DataError
 * if they differ
 */
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
          argument: 'scores of the written file',
          expected: `equal to the model's within ${tolerance}`,
          received: `${theirs.length} scores for ${batch} pictures, largest difference ${worst}`,
        });
      }
      largest = Math.max(largest, worst);
    }
    return largest;
  } finally {
    samples.dispose();
  }
}
