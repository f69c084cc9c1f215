import { type EmbedClassesOptions, embedClasses } from '@ltml/backbone';
import { DataError, type HostTensor, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { type ClipConfig, clipEntries } from './clip.ts';
import { clipName } from './encoder-name.ts';
import { type PartKind, part, partKind } from './part.ts';

const width = z.int().positive().max(65_536).default(64);
const seed = z.int().nonnegative().default(0);
const template = z.string().refine((text) => text.includes('{}'), 'should have {} for the name');

/** Reads the files that class embeddings are made from. `@ltml/recipes/node` has an implementation. */
export interface EmbeddingFiles {
  /** The text tower of a CLIP with its tokenizer; the caller disposes of the tower. */
  texts(clip: ClipOfTexts): Promise<Pick<EmbedClassesOptions, 'tower' | 'tokenizer'>>;
  /** Vectors [names, E] from a file in the text format of GloVe. */
  wordVectors(names: readonly string[], path: string): Promise<HostTensor>;
  /** The tensors of a safetensors file. */
  tensors(path: string): Promise<ReadonlyMap<string, HostTensor>>;
}

/** A CLIP for texts. Without a name, the shapes of its weights say what it is. */
export type ClipOfTexts = Omit<ClipConfig, 'name'> & Partial<Pick<ClipConfig, 'name'>>;

/** What class embeddings are made for. */
export interface EmbeddingContext {
  readonly classes: readonly string[];
  readonly files: EmbeddingFiles;
}

/** Sources of class embeddings [C, E], by name. The caller disposes of the tensor. */
export const classEmbeddings: PartKind<EmbeddingContext, Promise<tf.Tensor2D>> = partKind({
  /** The text tower in the package. Embeddings are scaled from length 1 to √E, about the length of word vectors. */
  'tiny-clip': part({ template: template.optional() }, async (options, { classes, files }: EmbeddingContext) => {
    const texts = await files.texts({ name: 'tiny-clip' });
    try {
      const embeddings = toTensor(await embedClasses(classes, { ...texts, ...templatesOf(options) }));
      return tf.tidy(() => tf.mul<tf.Tensor2D>(embeddings, Math.sqrt(embeddings.shape[1])));
    } finally {
      texts.tower.dispose();
    }
  }),
  /** The text tower of a CLIP of the zoo, or of any CLIP by its weights. Not normalised, as in CPRFL. */
  clip: part(
    { encoder: clipName.optional(), ...clipEntries, template: template.optional() },
    async ({ encoder: name, weights, tokenizer, ...options }, { classes, files }: EmbeddingContext) => {
      const texts = await files.texts({ ...(name !== undefined && { name }), weights, tokenizer });
      try {
        return toTensor(await embedClasses(classes, { ...texts, normalize: false, ...templatesOf(options) }));
      } finally {
        texts.tower.dispose();
      }
    },
  ),
  /** Random normal vectors for each class: they know nothing about the names. */
  random: part({ width, seed }, async (options, { classes }: EmbeddingContext) =>
    randomVectors('class', classes, options),
  ),
  /** Random normal vectors for each word, averaged over the words of a name: they only know which names share words. */
  'random-words': part({ width, seed }, async (options, { classes }: EmbeddingContext) => {
    const words = [...new Set(classes.flatMap((name) => name.split(' ')))];
    const vectors = randomVectors('word', words, options);
    try {
      return tf.tidy(() => {
        const names = classes.map((name) => name.split(' ').map((word) => words.indexOf(word)));
        return tf.stack(names.map((own) => tf.mean(tf.gather(vectors, own), 0))) as tf.Tensor2D;
      });
    } finally {
      vectors.dispose();
    }
  }),
  /** A file in the text format of GloVe. */
  'word-vectors': part({ path: z.string() }, async ({ path }, { classes, files }: EmbeddingContext) =>
    toTensor(await files.wordVectors(classes, path)),
  ),
  /** A tensor from any encoder, with one row per class in the order of the data set. */
  safetensors: part(
    { path: z.string(), tensor: z.string().optional() },
    async ({ path, tensor }, { classes, files }: EmbeddingContext) =>
      toTensor(chooseTensor(await files.tensors(path), path, tensor, classes.length)),
  ),
});

function templatesOf({ template }: { readonly template?: string | undefined }): Pick<EmbedClassesOptions, 'templates'> {
  return template === undefined ? {} : { templates: [template] };
}

/** Vectors [names, width]. Each name has its own random stream, so it has the same vector in every list. */
function randomVectors(
  kind: 'class' | 'word',
  names: readonly string[],
  options: { readonly width: number; readonly seed: number },
): tf.Tensor2D {
  const streams = new RandomStreams(options.seed);
  const rows = names.map((name) => {
    const stream = streams.derive(`${kind} ${name}`);
    return Array.from({ length: options.width }, () => stream.normal(0, 1));
  });
  return tf.tensor2d(rows);
}

/** @throws DataError if the file has no such tensor, or it has another shape or values that are not finite */
function chooseTensor(
  tensors: ReadonlyMap<string, HostTensor>,
  path: string,
  name: string | undefined,
  classes: number,
): HostTensor {
  const [chosen] = name === undefined && tensors.size === 1 ? tensors.keys() : [name];
  const tensor = chosen === undefined ? undefined : tensors.get(chosen);
  if (
    tensor?.shape.length === 2 &&
    tensor.shape[0] === classes &&
    Array.from(tensor.data, Number).every(Number.isFinite)
  ) {
    return tensor;
  }
  throw new DataError({
    where: 'classEmbeddings',
    argument: name === undefined ? path : `"${name}" in ${path}`,
    expected: `finite numbers [${classes}, E], one row per class`,
    received: tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : `a file with ${[...tensors.keys()].join(', ')}`,
    ...(name === undefined && tensors.size > 1 && { hint: 'Choose one with classEmbeddings.tensor.' }),
  });
}

function toTensor({ shape, data }: HostTensor): tf.Tensor2D {
  return tf.tensor2d(Float32Array.from(data, Number), shape as [number, number]);
}
