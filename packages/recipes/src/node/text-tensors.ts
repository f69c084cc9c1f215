import { exportState, type HostTensor } from '@ltml/tensor';
import { textPrefix, withPrefix } from '../model/tensor-names.ts';
import type { ClipTowers } from './clip-towers.ts';

/** What methods read labels by, for a bundle: the weights of the text tower, and the tokenizer's file. */
export async function textTensors(clip: ClipTowers): Promise<{ tensors: [string, HostTensor][]; tokenizer: string }> {
  const { textTower, tokenizerFile } = await clip.texts();
  return { tensors: withPrefix(textPrefix, await exportState(textTower)), tokenizer: tokenizerFile };
}
