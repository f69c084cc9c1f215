import { readFile } from 'node:fs/promises';

/** The text of tiny-clip's `tokenizer.json`. */
export function tinyClipTokenizerFile(): Promise<string> {
  // Two folders up, both from src/node and from dist/node.
  return readFile(new URL('../../weights/tiny-clip-tokenizer.json', import.meta.url), 'utf8');
}
