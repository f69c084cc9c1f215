import { readFile } from 'node:fs/promises';
import { readTinyClip, type TinyClip } from '../text/tiny-clip.ts';

/** {@link tinyClip} with the trained weights that this package carries, in evaluation mode. */
export async function loadTinyClip(): Promise<TinyClip> {
  // The same two steps up from src/node and from dist/node.
  const weights = new URL('../../weights/', import.meta.url);
  const tokenizerFile = await readFile(new URL('tiny-clip-tokenizer.json', weights), 'utf8');
  return readTinyClip(await readFile(new URL('tiny-clip.safetensors', weights)), tokenizerFile);
}
