import { importState, type RandomStream, readSafetensors } from '@ltml/tensor';
import { ProjectedResNet } from '../projected-resnet.ts';
import { resnetTiny } from '../resnet-tiny.ts';
import { Clip } from './clip.ts';
import { ClipTextTransformer, type ClipTextTransformerConfig } from './clip-text-transformer.ts';
import { ClipTokenizer } from './clip-tokenizer.ts';

/** The configuration of its text tower. */
export const tinyClipText: ClipTextTransformerConfig = {
  vocabularySize: 597,
  contextLength: 20,
  width: 64,
  heads: 4,
  layers: 2,
  embedding: 64,
};

/** A CLIP that is small enough to be part of this package and to be trained on a laptop, with its tokenizer. */
export interface TinyClip {
  readonly clip: Clip<ProjectedResNet>;
  readonly tokenizer: ClipTokenizer;
}

/**
 * A CLIP for images of 64 × 64 pixels that knows coloured digits: `resnetTiny` projected to D = 64, and a text tower
 * with two blocks of width 64. Images are normalised with `resnetTinyStatistics`.
 *
 * @param tokenizerFile the text of a `tokenizer.json`
 * @param random stream for the initial weights; leave it out if you load weights afterwards
 */
export function tinyClip(tokenizerFile: string, random?: RandomStream): TinyClip {
  const tokenizer = new ClipTokenizer(tokenizerFile, { contextLength: tinyClipText.contextLength });
  const text = { ...tinyClipText, vocabularySize: tokenizer.vocabulary.size };
  const clip = new Clip(
    new ProjectedResNet(resnetTiny(random), text.embedding, random),
    new ClipTextTransformer(text, random),
  );
  return { clip, tokenizer };
}

/**
 * {@link tinyClip} with weights from the bytes of a safetensors file, in evaluation mode. In a browser, with Vite:
 *
 * ```ts
 * import tokenizerUrl from '@ltml/backbone/weights/tiny-clip-tokenizer.json?url';
 * import weightsUrl from '@ltml/backbone/weights/tiny-clip.safetensors?url';
 * const weights = new Uint8Array(await (await fetch(weightsUrl)).arrayBuffer());
 * const { clip, tokenizer } = readTinyClip(weights, await (await fetch(tokenizerUrl)).text());
 * ```
 *
 * @throws DataError on a truncated or hostile file, and on tensors of another network
 */
export function readTinyClip(bytes: Uint8Array, tokenizerFile: string): TinyClip {
  const { tensors } = readSafetensors(bytes);
  const made = tinyClip(tokenizerFile);
  try {
    importState(made.clip, tensors);
  } catch (error) {
    made.clip.dispose();
    throw error;
  }
  made.clip.eval();
  return made;
}
