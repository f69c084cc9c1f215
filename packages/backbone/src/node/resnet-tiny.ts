import { readFile } from 'node:fs/promises';
import type { ResNet } from '../resnet.ts';
import { readResnetTiny } from '../resnet-tiny.ts';

/** {@link resnetTiny} with the pretrained weights that this package carries, in evaluation mode. */
export async function loadResnetTiny(): Promise<ResNet> {
  // The same two steps up from src/node and from dist/node.
  return readResnetTiny(await readFile(new URL('../../weights/resnet-tiny.safetensors', import.meta.url)));
}
