import { embedByWordVectors, embedClasses } from '@ltml/backbone';
import { loadTinyClip } from '@ltml/backbone/node';
import { type HostTensor, RandomStream } from '@ltml/tensor';

/** E, the width of all of them; entries have about the size of normal ones. */
const width = 64;

const sources = {
  /** The text tower that was trained on captions of such scenes; length 1, scaled to √E. */
  async 'tiny-clip'(classes) {
    const { clip, tokenizer } = await loadTinyClip();
    try {
      const { shape, data } = await embedClasses(classes, { tokenizer, tower: clip.text });
      return {
        dtype: 'F32',
        shape,
        data: Float32Array.from(data as Float32Array, (value) => value * Math.sqrt(width)),
      };
    } finally {
      clip.dispose();
    }
  },
  random: async (classes) => ({
    dtype: 'F32',
    shape: [classes.length, width],
    data: Float32Array.from(normals(classes.length * width)),
  }),
  /** What a file of word vectors would say if it knew words apart and nothing else. */
  async words(classes) {
    const words = [...new Set(classes.flatMap((name) => name.split(' ')))];
    const values = normals(words.length * width);
    return embedByWordVectors(
      classes,
      words.map((word, i) => [word, ...values.slice(i * width, (i + 1) * width)].join(' ')),
    );
  },
} satisfies Readonly<Record<string, (classes: readonly string[]) => Promise<HostTensor>>>;

export type EmbeddingName = keyof typeof sources;

/** Embeddings [C, 64] of class names; always the same ones. */
export function embed(name: EmbeddingName, classes: readonly string[]): Promise<HostTensor> {
  return sources[name](classes);
}

function normals(length: number): number[] {
  const random = new RandomStream(1);
  return Array.from({ length }, () => random.normal());
}
