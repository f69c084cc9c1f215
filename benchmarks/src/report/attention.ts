import { join } from 'node:path';
import { type BytePicture, resolvePipeline } from '@ltml/images';
import { loadModel, type Model } from '@ltml/recipes/node';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import type { RunRecord } from '../suites/run-record.ts';

/** How much of the shade covers the place where a class looks least. */
const darkest = 0.78;

/** Where a trained model looks. */
export interface Attention {
  readonly run: RunRecord;
  /** Classes that the model knows; a label that no training image shows may come after them. */
  readonly classes: number;
  /** A shade for each class, as the address of a PNG of as many pixels as the map has places: clear where the class looks. */
  shades(picture: BytePicture, classes: readonly number[]): Promise<readonly string[]>;
  dispose(): void;
}

/** The attention of the first run whose method attends by class; nothing where none does, or its model is not at hand. */
export async function attentionOf(runs: readonly RunRecord[]): Promise<Attention | undefined> {
  const tried = new Set<string>();
  for (const run of runs) {
    const { name } = run.recipe.method ?? {};
    if (name === undefined || tried.has(name)) continue;
    tried.add(name);
    const model = await loadModel(join(run.folder, 'model')).catch(() => undefined);
    if (model?.learner.evidence) {
      const classes = model.classes.length;
      return {
        run,
        classes,
        shades: (picture, classes) => shadesOf(model, picture, classes),
        dispose: () => model.dispose(),
      };
    }
    model?.dispose();
  }
  return undefined;
}

async function shadesOf(model: Model, picture: BytePicture, classes: readonly number[]): Promise<string[]> {
  const { pixels } = resolvePipeline(model.pipeline)(picture);
  const maps = tf.tidy(() =>
    (model.learner.evidence as NonNullable<typeof model.learner.evidence>)(
      model.encode(tf.tensor(pixels, [1, ...model.imageSize, 3])),
    ),
  );
  try {
    const [, , height, width] = maps.shape;
    const values = await maps.data<'float32'>();
    const own = classes.map((c) => values.subarray(c * height * width, (c + 1) * height * width));
    return await Promise.all(own.map((map) => shade(map, height, width)));
  } finally {
    maps.dispose();
  }
}

/** Scaled to the least and largest value of the map: it says where, not how much. */
async function shade(map: Float32Array, height: number, width: number): Promise<string> {
  const [least, largest] = [Math.min(...map), Math.max(...map)];
  const span = Math.max(largest - least, 1e-12);
  const pixels = Uint8Array.from(
    [...map].flatMap((value) => [16, 18, 24, Math.round((255 * darkest * (largest - value)) / span)]),
  );
  const png = await sharp(pixels, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}
