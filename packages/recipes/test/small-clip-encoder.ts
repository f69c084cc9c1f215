import { encoderByName, type ZooEncoder, zoo } from '@ltml/backbone';

/** A CLIP of OpenAI's kind at a hundredth of its size. */
export const smallClip: ZooEncoder = {
  ...encoderByName('clip_vit_b32').encoder,
  name: 'small_clip',
  aliases: [],
  imageSize: 32,
  width: 6,
  network: { kind: 'clip-vit', config: { patchSize: 8, width: 16, layers: 2, heads: 2, embedding: 6 } },
  text: { vocabularySize: 600, contextLength: 20, width: 16, layers: 2, heads: 2, embedding: 6 },
  weights: [{ hub: 'me/small-clip', file: 'open_clip_model.safetensors', licence: 'MIT', source: 'nobody' }],
};

/** Puts it into the zoo of the program that runs. */
export function addSmallClip(): void {
  if (!zoo.includes(smallClip)) (zoo as ZooEncoder[]).push(smallClip);
}
