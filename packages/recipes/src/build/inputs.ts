import type { LabelledInputs, Pictures } from '@ltml/data';
import type { PicturePipelines, Pipeline } from '@ltml/images';
import type { Encoder, EncodingName } from '@ltml/tensor/contract';
import type { Recipe } from '../recipe/recipe.ts';
import type { FeatureStore } from './feature-store.ts';
import { checkMemory, type KeptFeatures, keptFeatures } from './features.ts';
import type { ImageSet } from './image-set.ts';
import type { Splits } from './splits.ts';
import type { StoredInputs } from './stored-inputs.ts';

/** What the learner takes in of each split: pictures, or features of an encoder that rests. */
export interface Inputs {
  readonly train: LabelledInputs;
  readonly validation: LabelledInputs | null;
  readonly test: LabelledInputs;
  /** Features that are on disk, by the split whose they are. */
  readonly stored: ReadonlyMap<SplitName, StoredInputs>;
  /** Bytes of memory that the other features take. */
  readonly bytes: number;
  /**
   * Computes the features that are kept, if any are; before that nothing but their shape is known.
   *
   * @param onProgress told how far it is, in [0, 1]
   * @param signal ends the work between two batches, with its reason as the error
   */
  compute(onProgress?: (done: number) => void, signal?: AbortSignal): Promise<void>;
  /** Closes files. */
  close(): Promise<void>;
}

export type SplitName = 'training' | 'validation' | 'test';

/** Features of images that are on disk, with at least so many views. */
export type FindFeatures = (
  images: Pictures,
  pipeline: Pipeline,
  /** Of what the pipeline gives. */
  imageShape: readonly number[],
  views: number,
) => Promise<StoredInputs | undefined>;

/** What the inputs of a recipe are made with. */
export interface InputParts {
  readonly pipelines: PicturePipelines;
  readonly encoder: Encoder;
  /** Those that the method can work on. */
  readonly encodings: readonly EncodingName[];
  /** Images as an encoder takes them. */
  pictures(set: ImageSet, pipeline: Pipeline): LabelledInputs;
  readonly findFeatures: FindFeatures;
  /** Bytes of memory that the machine has. */
  readonly memory: number;
  /** Where runs of this process share features; left out, the run computes its own. */
  readonly store?: FeatureStore | undefined;
}

/** All that features depend on, besides the images of a set. */
function featuresKey({ data, encoder, seed }: Recipe, parts: object): string {
  const { knownLabels, ...images } = data;
  // Which images are held out, or are of a share, may depend on the labels that are known.
  const chosen = data.validation !== null || data.share !== undefined;
  const by = chosen && knownLabels !== undefined && { knownLabels, seed };
  return JSON.stringify({ images, by, encoder, ...(encoder.weights === 'none' && { seed }), ...parts });
}

/** @throws EntryError if the encoder has not what the method works on, or features take more memory than they may */
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
  // Where epochs are compared by the test images, their features are computed once.
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
