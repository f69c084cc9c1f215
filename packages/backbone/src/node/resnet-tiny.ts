import { readFile } from 'node:fs/promises';
import type { ResNet } from '../resnet.ts';
import { readResnetTiny } from '../resnet-tiny.ts';

/** `resnetTiny` with the pretrained weights of this package, in evaluation mode. */
export async function loadResnetTiny(): Promise<ResNet> {
  // Two folders up, both from src/node and from dist/node.
  return readResnetTiny(await readFile(new URL('../../weights/resnet-tiny.safetensors', import.meta.url)));
}
