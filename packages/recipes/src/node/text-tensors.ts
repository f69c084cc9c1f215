import { exportState, type HostTensor } from '@ltml/tensor';
import { textPrefix, withPrefix } from '../model/tensor-names.ts';
import type { ClipTowers } from './clip-towers.ts';

/** The text tower's weights and the tokenizer file, for a bundle whose method reads texts. */
export async function textTensors(clip: ClipTowers): Promise<{ tensors: [string, HostTensor][]; tokenizer: string }> {
  const { textTower, tokenizerFile } = await clip.texts();
  return { tensors: withPrefix(textPrefix, await exportState(textTower)), tokenizer: tokenizerFile };
}
