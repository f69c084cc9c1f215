import type { LabelledInputs, Pictures } from '@ltml/data';
import type { PicturePipelines, Pipeline } from '@ltml/images';
import type { Encoder, EncodingName } from '@ltml/tensor/contract';
import type { Recipe } from '../recipe/recipe.ts';
import type { FeatureStore } from './feature-store.ts';
import { checkMemory, type KeptFeatures, keptFeatures } from './features.ts';
import type { ImageSet } from './image-set.ts';
import type { Splits } from './splits.ts';
import type { StoredInputs } from './stored-inputs.ts';

/** The learner's inputs of each split: pictures, or features of a frozen encoder. */
export interface Inputs {
  readonly train: LabelledInputs;
  /** Null if the run has no validation images. */
  readonly validation: LabelledInputs | null;
  readonly test: LabelledInputs;
  /** Features that are read from disk, by split. */
  readonly stored: ReadonlyMap<SplitName, StoredInputs>;
  /** Memory that the other features take, in bytes. */
  readonly bytes: number;
  /**
   * Computes the features that are not on disk. Before that only their shape is known.
   *
   * @param onProgress called with the fraction done
   * @param signal ends the work between two batches; its reason is thrown
   */
  compute(onProgress?: (done: number) => void, signal?: AbortSignal): Promise<void>;
  /** Closes the files of stored features. */
  close(): Promise<void>;
}

/** A split, as messages name it. */
export type SplitName = 'training' | 'validation' | 'test';

/** Features of images that are on disk, with at least so many views. */
export type FindFeatures = (
  images: Pictures,
  pipeline: Pipeline,
  /** Shape of an image after the pipeline. */
  imageShape: readonly number[],
  views: number,
) => Promise<StoredInputs | undefined>;

/** What {@link inputsOf} needs besides recipe and splits. */
export interface InputParts {
  readonly pipelines: PicturePipelines;
  readonly encoder: Encoder;
  /** Encodings that the method can take, the preferred one first. */
  readonly encodings: readonly EncodingName[];
  /** Images as an encoder takes them, with their labels. */
  pictures(set: ImageSet, pipeline: Pipeline): LabelledInputs;
  readonly findFeatures: FindFeatures;
  /** Memory of the machine, in bytes. */
  readonly memory: number;
  /** A store of features that runs of this process share; left out: the run computes its own. */
  readonly store?: FeatureStore | undefined;
}

/** Everything that features depend on, besides the images of a set. */
function featuresKey({ data, encoder, seed }: Recipe, parts: object): string {
  const { knownLabels, ...images } = data;
  // Known labels may change which images are held out, or which belong to a share.
  const chosen = data.validation !== null || data.share !== undefined;
  const by = chosen && knownLabels !== undefined && { knownLabels, seed };
  return JSON.stringify({ images, by, encoder, ...(encoder.weights === 'none' && { seed }), ...parts });
}

/**
 * Makes the inputs of all splits. @throws EntryError if the encoder lacks the encoding that the method takes, or
 * features need too much memory
 */
export async function inputsOf(recipe: Recipe, splits: Splits, parts: InputParts): Promise<Inputs> {
  const { pipelines, encoder, encodings, store } = parts;
  const kept: KeptFeatures[] = [];
  const onDisk = new Map<SplitName, StoredInputs>();
  const inputs = async (
    split: SplitName,
    set: ImageSet,
    pipeline: Pipeline,
    views: number | null,
  ): Promise<LabelledInputs> => {
    const pictures = parts.pictures(set, pipeline);
    if (views === null) return pictures;
    const shared = store && { store, key: featuresKey(recipe, { set: set.name, pipeline, views, encodings }) };
    const stored = await parts.findFeatures(set.images, pipeline, pictures.inputs.shape, views);
    if (stored) onDisk.set(split, stored);
    const features = keptFeatures(pictures, { encoder, encodings, views, stored, shared });
    kept.push(features);
    return features.dataset;
  };
  const plain = recipe.features && 0;
  const train = await inputs('training', splits.train, pipelines.train, recipe.features?.views ?? null);
  const test = await inputs('test', splits.test, pipelines.test, plain);
  // If epochs are compared on the test images, their features are computed once.
  const validation =
    splits.validation === splits.test
      ? test
      : splits.validation && (await inputs('validation', splits.validation, pipelines.test, plain));
  const bytes = kept.reduce((sum, features) => sum + features.bytes, 0);
  checkMemory(bytes, recipe.features?.memory ?? null, parts.memory);
  return {
    train,
    validation,
    test,
    stored: onDisk,
    bytes,
    async compute(onProgress = () => {}, signal) {
      let done = 0;
      for (const features of kept) {
        await features.fill((share) => onProgress((done + share * features.bytes) / bytes), signal);
        done += features.bytes;
      }
    },
    async close() {
      for (const { close } of onDisk.values()) await close();
    },
  };
}
