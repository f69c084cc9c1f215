import { readFileSync } from 'node:fs';
import { exportState, type HostTensor, type Module, RandomStream } from '@ltml/tensor';
import { describe, expect, it, test } from 'vitest';
import {
  buildEncoder,
  buildTextTower,
  detectLayout,
  loadEncoder,
  loadTextTower,
  tensorSource,
  weightLayouts,
  zoo,
} from '../../src/index.ts';
import { asLayout, writings } from './as-layout.ts';
import { type SmallEncoder, smallEncoders } from './small-encoder.ts';

const named = zoo.filter(({ layouts }) => layouts.length > 0);
const modelsIn = (path: string): string[] => {
  const { models } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { models: object };
  return Object.keys(models);
};

test('every encoder of the zoo has numbers of its reference, at full size and at a hundredth of it', () => {
  const names = named.map(({ name }) => name);
  expect([...smallEncoders.keys()].sort()).toEqual([...names].sort());
  expect(modelsIn('../slow/fixtures/zoo/zoo_networks.json').sort()).toEqual([...names].sort());
});

test('every layout that is known is one of an encoder or of a text tower', () => {
  const known = new Set(weightLayouts.map(({ name }) => name));
  const tried = new Set([...named.flatMap(({ layouts }) => layouts), ...textLayouts]);
  expect([...known].sort()).toEqual([...tried].sort());
  expect(Object.keys(writings).sort()).toEqual([...known].sort());
});

async function stateOf(module: Module, prefix: string): Promise<Map<string, HostTensor>> {
  const state = await exportState(module);
  module.dispose();
  return new Map([...state].map(([name, tensor]) => [prefix + name, tensor]));
}

const prefixOf = ({ encoder }: SmallEncoder): string => (encoder.network.kind.startsWith('clip-') ? 'visual.' : '');

/** Drawn once for each encoder. */
const drawn = new Map<SmallEncoder, Promise<Map<string, HostTensor>>>();
function imageTensors(small: SmallEncoder): Promise<Map<string, HostTensor>> {
  const { encoder, imageSize } = small;
  const tensors =
    drawn.get(small) ?? stateOf(buildEncoder(encoder, { imageSize, random: new RandomStream(4) }), prefixOf(small));
  drawn.set(small, tensors);
  return tensors;
}

function expectSame(loaded: ReadonlyMap<string, HostTensor>, tensors: ReadonlyMap<string, HostTensor>): void {
  expect([...loaded.keys()]).toEqual([...tensors.keys()]);
  for (const [name, { shape, data }] of tensors) {
    const found = loaded.get(name) as HostTensor;
    expect(String(found.shape), name).toBe(String(shape));
    expect(Buffer.compare(bytesOf(found.data), bytesOf(data)), name).toBe(0);
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: HostTensor['data']): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

describe.each([...smallEncoders])('%s', (_, small) => {
  it.each(small.encoder.layouts)('loads from the layout of %s', async (layout) => {
    const tensors = await imageTensors(small);
    const written = asLayout(layout, tensors);
    // What checkpoints have besides.
    written.set('bn1.num_batches_tracked', { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) });
    expect(detectLayout(written.keys()).name).toBe(layout);
    const { encoder, imageSize } = small;
    const loaded = await loadEncoder(encoder, tensorSource(written), { imageSize });
    expect(loaded.training).toBe(false);
    expectSame(await stateOf(loaded, prefixOf(small)), tensors);
  });
});

const textLayouts = ['OpenAI CLIP', 'OpenAI CLIP text', 'Hugging Face CLIP', 'Hugging Face CLIP text'];
const towers = [...smallEncoders].filter(([, { encoder }]) => encoder.text);

describe.each(towers)('the text tower of %s', (_, small) => {
  const { encoder } = small;
  it.each(textLayouts.filter((layout) => layout.endsWith('text') || encoder.layouts.includes(layout)))(
    'loads from the layout of %s',
    async (layout) => {
      const texts = await stateOf(buildTextTower(encoder, new RandomStream(5)), '');
      const both = layout.endsWith('text') ? texts : new Map([...(await imageTensors(small)), ...texts]);
      const written = asLayout(layout, both);
      expect(detectLayout(written.keys()).name).toBe(layout);
      const loaded = await loadTextTower(encoder, tensorSource(written));
      expectSame(await stateOf(loaded, ''), texts);
    },
  );
});

/** What Hugging Face writes beside the weights of a vision transformer. */
const configOf = ({ encoder }: SmallEncoder, heads: number) => {
  const { width } = encoder.network.kind === 'vit' ? encoder.network.config : { width: 0 };
  return { hidden_size: width, num_attention_heads: heads, hidden_act: 'gelu', layer_norm_eps: 1e-6 };
};

it.each(
  [...smallEncoders].filter(([, { encoder }]) => encoder.layouts.some((name) => /^Hugging Face (ViT|DINO)/.test(name))),
)('%s: heads of the configuration beside the weights count', async (_, small) => {
  const { encoder, imageSize } = small;
  const layout = encoder.layouts.find((name) => /^Hugging Face (ViT|DINO)/.test(name)) as string;
  const heads = encoder.network.kind === 'vit' ? encoder.network.config.heads : 0;
  const written = asLayout(layout, await imageTensors(small));
  const loaded = await loadEncoder(encoder, tensorSource(written, configOf(small, heads)), { imageSize });
  loaded.dispose();
  const other = tensorSource(written, configOf(small, 2 * heads));
  await expect(loadEncoder(encoder, other, { imageSize })).rejects.toThrow(`heads ${2 * heads}`);
});
