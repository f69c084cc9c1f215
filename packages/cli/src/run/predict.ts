import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { preprocess } from '@ltml/backbone';
import { decodeImage } from '@ltml/backbone/node';
import { importState } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { resolveExperiment } from '../config/experiment.ts';
import { readConfig } from '../config/source.ts';
import { startEngine } from '../engine.ts';
import { buildPredictor, type Predictor } from '../experiment.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { ProgressLine } from '../progress-line.ts';
import { UsageError } from '../usage-error.ts';
import { readWeights } from './weights-of-run.ts';

export interface PredictOptions {
  readonly top: number;
  readonly best?: boolean;
  readonly skipBroken?: boolean;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

/** The classes of one picture, the likeliest first. */
interface Prediction {
  readonly image: string;
  readonly scores: readonly { readonly class: string; readonly score: number }[];
}

const pictures = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif']);

/** Prints the classes that a run's learner sees in pictures; folders stand for the pictures in them. */
export async function predict(run: string, paths: readonly string[], options: PredictOptions): Promise<void> {
  const files = paths.flatMap(picturesIn);
  const config = resolveExperiment(readConfig(join(run, 'config.json')));
  const weights = await readWeights(run, options.best ?? false);
  await startEngine(options.backend);
  const line = new ProgressLine();
  const predictor = await buildPredictor(config);
  let broken = 0;
  try {
    importState(predictor.learner, weights);
    predictor.learner.eval();
    for (const [i, image] of files.entries()) {
      let scores: Float32Array;
      try {
        scores = await scoresOf(image, predictor);
      } catch (error) {
        if (!options.skipBroken) throw error;
        line.print((error as Error).message);
        broken++;
        continue;
      }
      const ranked = Array.from(scores, (score, c) => ({ class: predictor.classes[c], score }))
        .sort((a, b) => b.score - a.score)
        .slice(0, options.top);
      await print({ image, scores: ranked }, options.json ?? false);
      line.show((i + 1) / files.length, image);
    }
  } finally {
    line.clear();
    predictor.dispose();
  }
  if (broken > 0) line.print(`${broken} of ${files.length} pictures could not be read`);
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

/** @throws UsageError if a path is not there or a folder has no pictures */
function picturesIn(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new UsageError(`${path}: no such file or folder`);
  if (!stats.isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => pictures.has(extname(name).toLowerCase()))
    .sort();
  if (files.length === 0) throw new UsageError(`${path}: no pictures in it (${[...pictures].join(', ')})`);
  return files.map((name) => join(path, name));
}

/** One JSON line, or a small table; waits for a reader that is slower than we are. */
async function print(prediction: Prediction, json: boolean): Promise<void> {
  const width = Math.max(...prediction.scores.map(({ class: name }) => name.length));
  const rows = prediction.scores.map(({ class: name, score }) => `  ${name.padEnd(width)}  ${score.toFixed(3)}`);
  const text = json ? JSON.stringify(prediction) : [prediction.image, ...rows].join('\n');
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
}
