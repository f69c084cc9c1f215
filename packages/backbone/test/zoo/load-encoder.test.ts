import { exportState, RandomStream } from '@ltml/tensor';
import { expect, test } from 'vitest';
import {
  buildEncoder,
  encoderByName,
  loadEncoder,
  tensorSource,
  type WeightSource,
  type ZooEncoder,
} from '../../src/index.ts';
import { stateNames } from '../support.ts';

/** A network of the zoo at a hundredth of its size. */
function small(name: string, sizes: object): ZooEncoder {
  const { encoder } = encoderByName(name);
  const { network } = encoder;
  if ('shape' in network)
    return { ...encoder, network: { ...network, shape: { ...network.shape, ...sizes } } as never };
  if ('config' in network)
    return { ...encoder, network: { ...network, config: { ...network.config, ...sizes } } as never };
  return encoder;
}

const narrow = { width: 16, heads: 2 };
const encoders: readonly (readonly [encoder: ZooEncoder, imageSize: number])[] = [
  [small('resnet18', { stem: 4, channels: [4, 6, 8, 8] }), 32],
  [small('resnet50', { stem: 4, planes: [2, 2, 4, 4], blocks: [1, 2, 1, 1] }), 32],
  [small('vit_base_patch16_224', { ...narrow, depth: 2, patchSize: 8 }), 24],
  [small('clip_vit_b16', { ...narrow, layers: 2, patchSize: 8, embedding: 6 }), 24],
  [small('clip_rn50', { width: 4, heads: 2, blocks: [1, 1, 1, 1], embedding: 6 }), 64],
  [encoderByName('resnet-tiny').encoder, 64],
  [encoderByName('tiny-clip').encoder, 64],
];

const prefixed = (encoder: ZooEncoder): string => (encoder.network.kind.startsWith('clip-') ? 'visual.' : '');

async function sourceOf(encoder: ZooEncoder, imageSize: number, config?: unknown): Promise<WeightSource> {
  const network = buildEncoder(encoder, { imageSize, random: new RandomStream(4) });
  const state = await exportState(network);
  network.dispose();
  return tensorSource(new Map([...state].map(([name, tensor]) => [prefixed(encoder) + name, tensor])), config);
}

test.each(encoders)('$name: what was saved is loaded', async (encoder, imageSize) => {
  const source = await sourceOf(encoder, imageSize);
  const loaded = await loadEncoder(encoder, source, { imageSize });
  const rebuilt = buildEncoder(encoder, { imageSize });
  expect(stateNames(loaded)).toEqual(stateNames(rebuilt));
  for (const [name, { data }] of await exportState(loaded)) {
    expect(data.join() === (await source.read(prefixed(encoder) + name)).data.join(), name).toBe(true);
  }
  loaded.dispose();
  rebuilt.dispose();
});

test('weights of another network are refused by what they are', async () => {
  const [[resnet, size], [deeper]] = encoders;
  const source = await sourceOf(resnet, size);
  await expect(loadEncoder(deeper, source)).rejects.toThrow(/weights of resnet50, got .*ResNet-18 of basic blocks/);
  const shallow = small('resnet18', { stem: 4, channels: [4, 6, 8, 8], blocks: [2, 2, 2, 1] });
  await expect(loadEncoder(shallow, source)).rejects.toThrow(/weights of resnet18, got .*; blocks 2,2,2,2/);
});

test("a CLIP's configuration that says another GELU is refused", async () => {
  const [encoder, size] = encoders[3];
  const config = {
    model_cfg: { quick_gelu: false, vision_cfg: { width: 16, head_width: 8, layers: 2, image_size: 24 } },
  };
  const source = await sourceOf(encoder, size, config);
  await expect(loadEncoder(encoder, source)).rejects.toThrow(/weights of clip_vit_b16, got .*; quickGelu false/);
});
