import { readFile } from 'node:fs/promises';
import { readTinyClip, type TinyClip } from '../text/tiny-clip.ts';
import { tinyClipTokenizerFile } from './tiny-clip-tokenizer.ts';

/** `tinyClip` with the trained weights of this package, in evaluation mode. */
export async function loadTinyClip(): Promise<TinyClip> {
  // Two folders up, both from src/node and from dist/node.
  const weights = new URL('../../weights/tiny-clip.safetensors', import.meta.url);
  return readTinyClip(await readFile(weights), await tinyClipTokenizerFile());
}
