import { embedClasses, mktTemplate, resnetTinyStatistics } from '@ltml/backbone';
import { loadTinyClip } from '@ltml/backbone/node';
import { type Pipeline, resolvePipeline } from '@ltml/images';
import { decodeImage } from '@ltml/images/node';
import { combineStreams, type ImageEmbeddings, labelStreams, localEvidence } from '@ltml/mkt';
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

export interface PredictLabelsOptions extends PredictionOptions {
  /** Any texts, or the name of a file that has one a line. */
  readonly labels: readonly string[] | string;
  readonly template?: string;
  /** Folder for pictures of where the evidence for each printed label lies. */
  readonly evidence?: string;
  readonly backend?: BackendArgument;
}

/** Pixels that tiny-clip looks at, high and wide, and the places of its map. */
const imageSize = 64;

const pipeline: Pipeline = [
  { name: 'resize', height: imageSize, width: imageSize },
  { name: 'normalize', ...resnetTinyStatistics },
];
const toInput = resolvePipeline(pipeline);
const placesInRow = 8;
/** Of tiny-clip's 64 places as many as of ViT-B/16's 196 the paper takes, 18. */
const topK = 6;
/** Labels whose similarities are in memory at once; it changes no score. */
const labelsAtOnce = 1024;

/**
 * Ranks any labels by how well they fit pictures, with MKT's two streams on tiny-clip as it is; folders stand for the
 * pictures in them. Scores are relative to the other labels of the list.
 */
export async function predictLabels(paths: readonly string[], options: PredictLabelsOptions): Promise<void> {
  chooseFormat(options);
  countPictures(paths);
  const names = readLabels(options.labels);
  const unseen = unseenWords(names);
  if (unseen.length > 0) {
    const shown = `${unseen.slice(0, 8).join(', ')}${unseen.length > 8 ? ', …' : ''}`;
    printErrors(
      `warning: the network was trained on digits in colours and has never seen ${shown}: do not trust its scores`,
    );
  }
  await startEngine(options.backend);
  const { clip, tokenizer } = await loadTinyClip();
  const templates = [options.template ?? mktTemplate];
  const { shape, data } = await embedClasses(names, { tokenizer, tower: clip.text, templates });
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
          tf.tidy(() => combineStreams(labelStreams(clip.visual.forward(images), labels, { topK, labelsAtOnce }))),
        ),
    };
    await writePredictions(paths, predictor, {
      ...options,
      settings: { labels: names, templates, asStored: options.asStored ?? false },
      ...(maps && { onRow: (row) => writeMaps(row, maps) }),
    });
  } finally {
    labels.dispose();
    clip.dispose();
  }

  /** Where the evidence lies for the labels that are printed of a picture. */
  async function writeMaps(row: PredictedRow, maps: MapNames): Promise<void> {
    const picture = await decodeImage(row.path, { mode: decodeModeOf(options) });
    const { pixels } = toInput(picture);
    const image = tf.tidy(() => clip.visual.forward(tf.tensor(pixels, [1, imageSize, imageSize, 3])));
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

/** Where the evidence for one label [1, D] lies, which is disposed of. */
async function mapOf(image: ImageEmbeddings, label: tf.Tensor2D): Promise<EvidenceMap> {
  const similarity = tf.tidy(() => localEvidence(image, label));
  try {
    return { height: placesInRow, width: placesInRow, values: await similarity.data<'float32'>() };
  } finally {
    tf.dispose([similarity, label]);
  }
}

/** Words of the names in tiny-clip's captions: all that it has learned. */
const knownWords = new Set('red blue green zero one two three four five six seven eight nine'.split(' '));

/** Words of labels that the network has never seen. */
function unseenWords(names: readonly string[]): string[] {
  const words = names.flatMap((name) => name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [name]);
  return [...new Set(words)].filter((word) => !knownWords.has(word));
}
