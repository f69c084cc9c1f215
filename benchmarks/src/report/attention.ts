import { join } from 'node:path';
import { type BytePicture, resolvePipeline } from '@ltml/images';
import { loadModel, type Model } from '@ltml/recipes/node';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import type { RunRecord } from '../suites/run-record.ts';

/** Opacity of the shade at the place with the least attention. */
const darkest = 0.78;

/** Attention maps of a trained model. */
export interface Attention {
  readonly run: RunRecord;
  /** Number of classes of the model. Unseen labels have higher indices. */
  readonly classes: number;
  /**
   * For each class a shade as the address of a PNG, with one pixel per place of the map. It is clear where attention is
   * high.
   */
  shades(picture: BytePicture, classes: readonly number[]): Promise<readonly string[]>;
  dispose(): void;
}

/**
 * The attention of the first run whose method has attention maps; undefined if there is none, or its model is missing.
 */
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

/** A shade scaled to the smallest and largest value of the map. It shows where a class attends, not how strongly. */
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
