import { decodeImage } from '@ltml/images/node';
import { type FileFeatures, featuresOfFiles, labelScorer, loadModel, type Model } from '@ltml/recipes/node';
import type { LabelScorer } from '@ltml/tensor/contract';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { makeFolder } from '../paths.ts';
import { ProgressLine } from '../progress-line.ts';
import { describeStorage } from './describe-storage.ts';
import { writeEvidenceMap } from './evidence-map.ts';
import { MapNames } from './map-names.ts';
import { picturesOf } from './pictures.ts';
import { chooseFormat } from './predict/choose-format.ts';
import { checkHasEvidence, evidenceOfModel } from './predict/evidence-of-model.ts';
import { readLabels } from './predict/labels.ts';
import { countPictures, standardInput } from './predict/picture-paths.ts';
import { labelPredictor, modelPredictor } from './predict/predictor.ts';
import { likeliest, type PredictedRow } from './predict/rows.ts';
import { viewsOf } from './predict/views.ts';
import { writePredictions } from './predict/write-predictions.ts';
import { decodeModeOf, type PredictionOptions } from './prediction.ts';

/** Options of `ltml predict` with a model. */
export interface PredictOptions extends PredictionOptions {
  /** Free labels instead of the model's classes: texts, or the name of a file with one text per line. */
  readonly labels?: readonly string[] | string;
  /** Folder for pictures that show where the model looks for each printed class. Only for methods with such maps. */
  readonly evidence?: string;
  /** Folder of stored features. */
  readonly features?: string;
  /** Use the best weights so far of an unfinished run. */
  readonly best?: boolean;
  readonly backend?: BackendArgument;
}

/** Prints or writes the classes that a model predicts for pictures. A folder stands for the pictures in it. */
export async function predict(run: string, paths: readonly string[], options: PredictOptions): Promise<void> {
  chooseFormat(options);
  countPictures(paths);
  const labels = options.labels === undefined ? undefined : readLabels(options.labels);
  await startEngine(options.backend);
  const line = new ProgressLine();
  const onWarning = (message: string): void => line.print(`warning: ${message}`);
  const model = await loadModel(run, { best: options.best ?? false, onWarning });
  try {
    const { tta = 'none', asStored = false, evidence: folder } = options;
    let stored: FileFeatures | undefined;
    const scorer = labels && (await labelScorer(model.learner, model.recipe.method, labels));
    try {
      if (folder !== undefined) {
        checkHasEvidence(model, scorer);
        makeFolder('--evidence', folder);
      }
      const maps = folder === undefined ? undefined : new MapNames(folder);
      const views = viewsOf(tta, model.pipeline, model.imageSize);
      if (!scorer) stored = await storedFeatures(model, paths, options);
      if (stored) line.print(`features: from ${options.features} (${describeStorage(stored.storage, stored.error)})`);
      const predictor = scorer ? labelPredictor(model, views, labels, scorer) : modelPredictor(model, views, stored);
      const { name, weightsHash: weights, thresholds, calibration } = model;
      const { classes } = predictor;
      await writePredictions(paths, predictor, {
        ...options,
        settings: { model: name, weights, classes, thresholds, calibration, tta, asStored, ...lossy(stored) },
        ...(maps && { onRow: (row) => writeMaps(maps, row, { model, scorer, classes, options }) }),
      });
    } finally {
      await stored?.close();
      scorer?.dispose();
    }
  } finally {
    model.dispose();
  }
}

/** Stored features of the pictures. Undefined with test-time augmentation, and for paths from standard input. */
async function storedFeatures(
  model: Model,
  paths: readonly string[],
  { features, tta = 'none', ...options }: PredictOptions,
): Promise<FileFeatures | undefined> {
  if (features === undefined || tta !== 'none' || paths.includes(standardInput)) return undefined;
  return featuresOfFiles(model, features, filesIn(paths), decodeModeOf(options));
}

function* filesIn(paths: readonly string[]): Generator<string> {
  for (const path of paths) yield* picturesOf(path);
}

/** Lossy storage of features is part of a file's settings, so that a continued file has scores of one kind. */
function lossy(stored: FileFeatures | undefined): object {
  return stored && stored.storage !== 'f32' ? { features: stored.storage } : {};
}

/** What {@link writeMaps} needs besides the picture. */
interface Shown {
  readonly model: Model;
  /** Scorer of free labels, if there are any. */
  readonly scorer: LabelScorer | undefined;
  /** Names of the scores: the model's classes, or the labels. */
  readonly classes: readonly string[];
  readonly options: PredictOptions;
}

/** Writes a map for each class that is printed for a picture. */
async function writeMaps(maps: MapNames, row: PredictedRow, { model, scorer, classes, options }: Shown): Promise<void> {
  const picture = await decodeImage(row.path, { mode: decodeModeOf(options) });
  const evidence = await evidenceOfModel(model, picture, scorer);
  for (const c of likeliest(row, options.top)) {
    await writeEvidenceMap(maps.next(row.path, classes[c]), picture, evidence[c]);
  }
}
