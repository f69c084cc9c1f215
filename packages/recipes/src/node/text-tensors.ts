import { tinyClipTokenizerFile } from '@ltml/backbone/node';
import { exportState, type HostTensor } from '@ltml/tensor';
import { textPrefix, withPrefix } from '../model/tensor-names.ts';
import { sharedTinyClip } from './learner-sources.ts';

/** What methods read labels by, for a bundle: the weights of the text tower, and the tokenizer's file. */
export async function textTensors(): Promise<{ tensors: [string, HostTensor][]; tokenizer: string }> {
  const { clip } = await sharedTinyClip();
  return { tensors: withPrefix(textPrefix, await exportState(clip.text)), tokenizer: await tinyClipTokenizerFile() };
}
