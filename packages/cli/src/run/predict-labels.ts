import { embedClasses, encoderByName, mktTemplate } from '@ltml/backbone';
import { resolvePipeline } from '@ltml/images';
import { decodeImage } from '@ltml/images/node';
import { combineStreams, type ImageEmbeddings, labelStreams, localEvidence } from '@ltml/mkt';
import { firstWords, openClip, unreadWords } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { makeFolder } from '../paths.ts';
import { printErrors } from '../terminal.ts';
import { type EvidenceMap, writeEvidenceMap } from './evidence-map.ts';
import { MapNames } from './map-names.ts';
import { chooseFormat } from './predict/choose-format.ts';
import { readLabels } from './predict/labels.ts';
import { countPictures } from './predict/picture-paths.ts';
import { matrixOf, type Predictor } from './predict/predictor.ts';
import { likeliest, type PredictedRow } from './predict/rows.ts';
import { writePredictions } from './predict/write-predictions.ts';
import { decodeModeOf, type PredictionOptions } from './prediction.ts';

/** Options of `ltml predict --labels` without a model. */
export interface PredictLabelsOptions extends PredictionOptions {
  /** Any texts, or the name of a file with one text per line. */
  readonly labels: readonly string[] | string;
  readonly template?: string;
  /** A CLIP of the zoo; default `tiny-clip`. */
  readonly encoder?: string;
  /** Weights, written as in a recipe. */
  readonly weights?: string;
  /** Folder for pictures that show where the image is similar to each printed label. */
  readonly evidence?: string;
  readonly backend?: BackendArgument;
}

/** Share of the patches that are averaged. The paper takes the 18 most similar of the 196 patches of ViT-B/16. */
const countedShare = 18 / 196;
/** Labels compared at a time, to bound memory. The scores do not depend on it. */
const labelsAtOnce = 1024;

/**
 * Ranks any labels by how well they fit pictures: the two streams of MKT, on a CLIP that was not fine-tuned. A folder
 * stands for the pictures in it. Scores are relative to the other labels of the list.
 */
export async function predictLabels(paths: readonly string[], options: PredictLabelsOptions): Promise<void> {
  chooseFormat(options);
  countPictures(paths);
  const names = readLabels(options.labels);
  const { encoder = 'tiny-clip', weights } = options;
  checkReadsTexts(encoder);
  const unread = encoder === 'tiny-clip' && weights === undefined ? unreadWords(names) : [];
  if (unread.length > 0) {
    const shown = firstWords(unread);
    printErrors(
      `warning: the network was trained on coloured digits and has never seen ${shown}: do not trust scores of these`,
    );
  }
  await startEngine(options.backend);
  const clip = await openClip({ name: encoder, ...(weights !== undefined && { weights }) });
  const { network, textTower: tower, tokenizer, pipeline, imageSize } = clip;
  const toInput = resolvePipeline(pipeline);
  const forward = (images: tf.Tensor): ImageEmbeddings => network.forward(images) as ImageEmbeddings;
  const templates = [options.template ?? mktTemplate];
  const { shape, data } = await embedClasses(names, { tokenizer, tower, templates });
  const labels = tf.tensor2d(data as Float32Array, shape as [number, number]);
  const { evidence } = options;
  if (evidence !== undefined) makeFolder('--evidence', evidence);
  try {
    const maps = evidence === undefined ? undefined : new MapNames(evidence);
    const predictor: Predictor = {
      learner: { scores: 'relative' },
      thresholds: null,
      calibration: null,
      classes: names,
      pipeline,
      predict: (images) =>
        matrixOf(
          tf.tidy(() => {
            const embeddings = forward(images);
            const topK = Math.max(1, Math.round(countedShare * embeddings.patches.shape[1]));
            return combineStreams(labelStreams(embeddings, labels, { topK, labelsAtOnce }));
          }),
        ),
    };
    await writePredictions(paths, predictor, {
      ...options,
      settings: { encoder, weights, labels: names, templates, asStored: options.asStored ?? false },
      ...(maps && { onRow: (row) => writeMaps(row, maps) }),
    });
  } finally {
    labels.dispose();
    clip.dispose();
  }

  /** Writes a map for each label that is printed for a picture. */
  async function writeMaps(row: PredictedRow, maps: MapNames): Promise<void> {
    const picture = await decodeImage(row.path, { mode: decodeModeOf(options) });
    const { pixels } = toInput(picture);
    const image = tf.tidy(() => forward(tf.tensor(pixels, [1, ...imageSize, 3])));
    try {
      for (const c of likeliest(row, options.top)) {
        const map = await mapOf(image, tf.slice(labels, [c, 0], [1, -1]));
        await writeEvidenceMap(maps.next(row.path, names[c]), picture, map);
      }
    } finally {
      tf.dispose(image);
    }
  }
}

/** The evidence map of one label [1, D]. Disposes of the label. */
async function mapOf(image: ImageEmbeddings, label: tf.Tensor2D): Promise<EvidenceMap> {
  const similarity = tf.tidy(() => localEvidence(image, label));
  // The image is square, and so is the grid of patches.
  const side = Math.sqrt(similarity.shape[1]);
  try {
    return { height: side, width: side, values: await similarity.data<'float32'>() };
  } finally {
    tf.dispose([similarity, label]);
  }
}

/** @throws UsageError for an unknown network, or one without a text tower */
function checkReadsTexts(name: string): void {
  try {
    if (encoderByName(name).encoder.text) return;
  } catch (error) {
    throw new UsageError(`--encoder: ${(error as Error).message}`);
  }
  throw new UsageError(`--encoder: ${name} can't read texts; take a CLIP, e.g. clip_vit_b16`);
}
