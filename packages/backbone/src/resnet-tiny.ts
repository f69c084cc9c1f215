import { importState, RandomStream, readSafetensors } from '@ltml/tensor';
import { ResNet } from './resnet.ts';

/**
 * The normalisation for the weights of {@link resnetTiny}: (level − mean) / std of each channel, with levels 0 … 255.
 */
export const resnetTinyStatistics: {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
} = { mean: [127.5, 127.5, 127.5], std: [63.75, 63.75, 63.75] };

/**
 * A small ResNet for images of 64 × 64 pixels: three stages with one basic block each and 24, 48 and 96 channels. It
 * has 173,304 parameters, features [B, 96] and a feature map [B, 8, 8, 96].
 *
 * @param random stream for the initial weights; default seed 0
 */
export function resnetTiny(random: RandomStream = new RandomStream(0)): ResNet {
  return new ResNet(
    {
      stem: { channels: 24, kernel: 3, stride: 2, maxPool: false },
      stages: [
        { channels: 24, blocks: 1, stride: 1 },
        { channels: 48, blocks: 1, stride: 2 },
        { channels: 96, blocks: 1, stride: 2 },
      ],
    },
    random,
  );
}

/**
 * {@link resnetTiny} with weights from the bytes of a safetensors file, in evaluation mode. In a browser, with Vite:
 *
 * ```ts
 * import url from '@ltml/backbone/weights/resnet-tiny.safetensors?url';
 * const encoder = readResnetTiny(new Uint8Array(await (await fetch(url)).arrayBuffer()));
 * ```
 *
 * @throws DataError on a truncated or hostile file, and on tensors of another network
 */
export function readResnetTiny(bytes: Uint8Array): ResNet {
  const { tensors } = readSafetensors(bytes);
  const encoder = resnetTiny();
  try {
    importState(encoder, tensors);
  } catch (error) {
    encoder.dispose();
    throw error;
  }
  return encoder.eval();
}
