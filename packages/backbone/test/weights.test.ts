import {
  type Conv2d,
  DataError,
  exportState,
  type HostTensor,
  type Module,
  RandomStream,
  writeSafetensors,
} from '@ltml/tensor';
import { expect, test } from 'vitest';
import {
  bicubic,
  bottleneckResNet,
  bytesSource,
  Clip,
  ClipResNet,
  ClipTextTransformer,
  ClipVisionTransformer,
  clipImage,
  detectLayout,
  inspectWeights,
  interpolatePositions,
  loadClip,
  loadClipImage,
  loadResNet,
  loadVisionTransformer,
  loadWeights,
  ResNet,
  tensorSource,
  VisionTransformer,
} from '../src/index.ts';
import { randomHost, randomTensor } from './support.ts';

type Tensors = Map<string, HostTensor>;

const shape = { stem: 4, planes: [2, 3], blocks: [2, 1], groups: 1, groupWidth: 64 };
const resnet = (classes?: number): ResNet =>
  bottleneckResNet(shape, { random: new RandomStream(1), ...(classes !== undefined && { classes }) });
const vit = (imageSize = 32): VisionTransformer =>
  new VisionTransformer({ imageSize, patchSize: 8, width: 64, depth: 2, heads: 1, classes: 3 }, new RandomStream(1));
const clip = (imageSize = 16): ClipVisionTransformer =>
  new ClipVisionTransformer({ imageSize, patchSize: 8, width: 64, layers: 2, embedding: 5 }, new RandomStream(1));

/** The tensors of a module under other names. */
async function renamed(module: Module, rename: (name: string) => string): Promise<Tensors> {
  const state = await exportState(module);
  return new Map([...state].map(([name, tensor]) => [rename(name), tensor]));
}

async function expectSameState(actual: Module, expected: Module): Promise<void> {
  const state = await exportState(actual);
  for (const [name, { shape, data }] of await exportState(expected)) {
    expect(state.get(name)?.shape, name).toEqual(shape);
    expect(state.get(name)?.data, name).toEqual(data);
  }
  expect(state.size).toBe([...expected.namedState()].length);
}

/** What importing says when it refuses. */
async function refusal(module: Module, tensors: Tensors, options = {}): Promise<string> {
  const before = await exportState(module);
  const error = await loadWeights(module, tensorSource(tensors), options).then(
    () => new Error('it was taken'),
    (error: Error) => error,
  );
  expect(error).toSatisfy(DataError.is);
  expect(await exportState(module)).toEqual(before);
  return error.message;
}

test.each([
  ['torchvision ResNet', (name: string) => name],
  ['torchvision ResNet', (name: string) => `module.${name}`],
  ['torchvision ResNet', (name: string) => `backbone.${name}`],
  ['torchvision ResNet', (name: string) => `module.encoder_q.${name}`],
  [
    'CPRFL',
    (name: string) =>
      `module.${name
        .replace(/^conv1/, 'Backbone.0')
        .replace(/^bn1/, 'Backbone.1')
        .replace(/^layer(\d)/, (_, i) => `Backbone.${+i + 3}`)}`,
  ],
])('a ResNet in the layout of %s gives the same network (%#)', async (layout, rename) => {
  const network = resnet();
  const tensors = await renamed(network, rename);
  tensors.set(rename('bn1.num_batches_tracked'), { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) });
  expect(detectLayout(tensors.keys()).name).toBe(layout);
  const loaded = await loadResNet(tensorSource(tensors));
  expect(loaded.training).toBe(false);
  await expectSameState(loaded, network);
  network.dispose();
  loaded.dispose();
});

test("DSCL's momentum encoder and queue are passed over", async () => {
  const network = resnet();
  const tensors = await renamed(network, (name) => `module.encoder_q.${name}`);
  for (const [name, tensor] of await renamed(network, (name) => `module.encoder_k.${name}`)) tensors.set(name, tensor);
  tensors.set('module.queue', randomHost([4, 4], 1));
  const loaded = await loadResNet(tensorSource(tensors));
  await expectSameState(loaded, network);
  network.dispose();
  loaded.dispose();
});

test('grouped convolutions and the classifier are read off the shapes', async () => {
  const network = bottleneckResNet(
    { ...shape, planes: [6, 8], groups: 4, groupWidth: 16 },
    { classes: 3, random: new RandomStream(1) },
  );
  const source = tensorSource(await exportState(network));
  const loaded = await loadResNet(source, { classifier: true });
  await expectSameState(loaded, network);
  const [conv1] = (loaded.conv1 as Conv2d).weight.shape.slice(-1);
  expect(conv1).toBe(4);
  expect(inspectWeights(source).network).toBe('ResNeXt-11 4×16d, blocks 2-1, 3 classes');
  network.dispose();
  loaded.dispose();
});

test('the classifier is left out, and reported, where the network has none', async () => {
  const [full, trunk] = [resnet(3), resnet()];
  const tensors = await exportState(full);
  const report = await loadWeights(trunk, tensorSource(tensors));
  expect(report).toEqual({
    layout: 'torchvision ResNet',
    missing: [],
    unexpected: [],
    unused: ['fc.weight', 'fc.bias'],
  });
  full.dispose();
  trunk.dispose();
});

test('q, k and v of Hugging Face become one tensor in this order, and half precision is widened', async () => {
  const network = vit();
  const tensors: Tensors = new Map();
  const half = ([rows, ...rest]: readonly number[]) => [rows / 3, ...rest];
  for (const [name, tensor] of await exportState(network)) {
    const data = tensor.data as Float32Array;
    const qkv = /^blocks\.(\d)\.attn\.qkv\.(.*)$/.exec(name);
    const size = data.length / 3;
    // In the order of the alphabet, which is not that of the stack.
    for (const [letter, i] of qkv ? Object.entries({ key: 1, query: 0, value: 2 }) : []) {
      tensors.set(`vit.encoder.layer.${qkv?.[1]}.attention.attention.${letter}.${qkv?.[2]}`, {
        dtype: 'F32',
        shape: half(tensor.shape),
        data: data.slice(i * size, (i + 1) * size),
      });
    }
    const plain = name
      .replace('cls_token', 'embeddings.cls_token')
      .replace('pos_embed', 'embeddings.position_embeddings')
      .replace('patch_embed.proj', 'embeddings.patch_embeddings.projection')
      .replace(/^blocks\.(\d)\.attn\.proj/, 'encoder.layer.$1.attention.output.dense')
      .replace(/^blocks\.(\d)\.norm1/, 'encoder.layer.$1.layernorm_before')
      .replace(/^blocks\.(\d)\.norm2/, 'encoder.layer.$1.layernorm_after')
      .replace(/^blocks\.(\d)\.mlp\.fc1/, 'encoder.layer.$1.intermediate.dense')
      .replace(/^blocks\.(\d)\.mlp\.fc2/, 'encoder.layer.$1.output.dense')
      .replace(/^norm/, 'layernorm')
      .replace(/^head/, 'classifier');
    if (!qkv) tensors.set(plain.startsWith('classifier') ? plain : `vit.${plain}`, tensor);
  }
  const loaded = await loadVisionTransformer(tensorSource(tensors), { classifier: true, heads: 1 });
  await expectSameState(loaded, network);
  const inHalf = await loadVisionTransformer(bytesSource(writeSafetensors(tensors, { float32As: 'F16' })), {
    heads: 1,
  });
  const exact = (await exportState(network)).get('blocks.1.attn.qkv.weight')?.data as Float32Array;
  const rounded = (await exportState(inHalf)).get('blocks.1.attn.qkv.weight')?.data as Float32Array;
  expect(rounded.every((value, i) => Math.abs(value - exact[i]) <= 2 ** -11 * Math.abs(exact[i]) + 2 ** -25)).toBe(
    true,
  );
  tensors.delete('vit.encoder.layer.1.attention.attention.key.weight');
  const message = await refusal(network, tensors);
  expect(message).toMatch(/blocks\.1\.attn\.qkv\.weight is incomplete: of 3 parts .*query.weight, .*value.weight/);
  for (const module of [network, loaded, inHalf]) module.dispose();
});

test.each([
  ['OpenAI CLIP', (name: string) => `visual.${name}`],
  ['OpenAI CLIP image', (name: string) => name],
  ['MKT image', (name: string) => name.replace(/^proj$/, 'projection_dist')],
])('an image tower in the layout of %s gives the same network', async (layout, rename) => {
  const network = clip();
  const tensors = await renamed(network, rename);
  if (layout === 'OpenAI CLIP') tensors.set('token_embedding.weight', randomHost([3, 2], 1));
  expect(detectLayout(tensors.keys()).name).toBe(layout);
  const loaded = await loadClipImage(tensorSource(tensors), { heads: 1 });
  await expectSameState(loaded, network);
  network.dispose();
  loaded.dispose();
});

test('the transposed projection of timm is turned round', async () => {
  const network = clip();
  const tensors = await renamed(network, (name) =>
    name
      .replace('class_embedding', 'cls_token')
      .replace('positional_embedding', 'pos_embed')
      .replace(/^conv1/, 'patch_embed.proj')
      .replace('ln_pre', 'norm_pre')
      .replace('ln_post', 'norm')
      .replace(/^transformer\.resblocks\.(\d)\.ln_/, 'blocks.$1.norm')
      .replace(/^transformer\.resblocks\.(\d)\.attn\.in_proj_/, 'blocks.$1.attn.qkv.')
      .replace(/^transformer\.resblocks\.(\d)\.attn\.out_proj/, 'blocks.$1.attn.proj')
      .replace(/^transformer\.resblocks\.(\d)\.mlp\.c_fc/, 'blocks.$1.mlp.fc1')
      .replace(/^transformer\.resblocks\.(\d)\.mlp\.c_proj/, 'blocks.$1.mlp.fc2')
      .replace(/^proj$/, 'head.weight'),
  );
  const { data } = tensors.get('head.weight') as HostTensor;
  const turned = Float32Array.from({ length: 64 * 5 }, (_, i) => Number(data[(i % 64) * 5 + Math.floor(i / 64)]));
  tensors.set('head.weight', { dtype: 'F32', shape: [5, 64], data: turned });
  const token = tensors.get('cls_token') as HostTensor;
  tensors.set('cls_token', { ...token, shape: [1, 1, 64] });
  const table = tensors.get('pos_embed') as HostTensor;
  tensors.set('pos_embed', { ...table, shape: [1, ...table.shape] });
  tensors.set('head.bias', { dtype: 'F32', shape: [5], data: new Float32Array(5) });
  expect(detectLayout(tensors.keys()).name).toBe('timm CLIP ViT');
  const loaded = await loadClipImage(tensorSource(tensors), { heads: 1 });
  await expectSameState(loaded, network);
  tensors.set('head.bias', { dtype: 'F32', shape: [5], data: Float32Array.of(0, 0, 1, 0, 0) });
  await expect(loadClipImage(tensorSource(tensors), { heads: 1 })).rejects.toThrow(
    /zeros in head\.bias, which the network does not have \(timm CLIP ViT\), got 1$/,
  );
  network.dispose();
  loaded.dispose();
});

test("a CLIP ResNet's sizes are read off its shapes", async () => {
  const config = { imageSize: 64, width: 4, blocks: [1, 2, 1, 1], embedding: 5 };
  const network = new ClipResNet(config, new RandomStream(1));
  const source = tensorSource(await renamed(network, (name) => `visual.${name}`));
  const loaded = await loadClipImage(source, { heads: 2 });
  await expectSameState(loaded, network);
  expect(inspectWeights(source).network).toBe('CLIP ResNet-17, width 4, heads unknown, image 64, embedding 5');
  network.dispose();
  loaded.dispose();
});

test('positions are resized when asked for, once', async () => {
  const [small, plain] = [clip(16), clip(32)];
  const tensors = await renamed(small, (name) => `visual.${name}`);
  const message = await refusal(plain, tensors, { select: clipImage });
  expect(message).toMatch(/positional_embedding has shape \[5,64\], not \[17,64\].*resizePositions/);
  const loaded = await loadClipImage(tensorSource(tensors), { imageSize: 32, heads: 1 });
  const stored = tensors.get('visual.positional_embedding') as HostTensor;
  const expected = interpolatePositions(stored, [4, 4], bicubic).data;
  expect((await exportState(loaded)).get('positional_embedding')?.data).toEqual(expected);
  for (const network of [small, plain, loaded]) network.dispose();
});

test('all that is missing, unexpected and misshapen stands in one error, and nothing is changed', async () => {
  const network = resnet();
  const tensors = await exportState(network);
  tensors.delete('layer1.0.bn2.bias');
  tensors.set('layer2.1.conv1.weight', randomHost([3, 12, 1, 1], 1));
  tensors.set('something.else', randomHost([1], 1));
  tensors.set('bn1.weight', randomHost([5], 1));
  const message = await refusal(network, tensors);
  for (const problem of [
    'layer1.0.bn2.bias is missing',
    'layer2.1.conv1.weight is unexpected',
    'something.else is unexpected',
    'bn1.weight has shape [5], not [4]',
  ]) {
    expect(message).toContain(problem);
  }
  // What is misshapen is refused in a partial load too.
  expect(await refusal(network, tensors, { partial: true })).not.toContain('missing');
  network.dispose();
});

test('a partial load takes what is there and reports the rest', async () => {
  const [from, to] = [resnet(), resnet()];
  const tensors = await exportState(from);
  tensors.delete('layer2.0.bn1.weight');
  tensors.set('something.else', randomHost([1], 1));
  tensors.set('conv1.weight', randomHost([4, 3, 7, 7], 9));
  const report = await loadWeights(to, tensorSource(tensors), { partial: true });
  expect(report).toMatchObject({ missing: ['layer2.0.bn1.weight'], unexpected: ['something.else'], unused: [] });
  expect((await exportState(to)).get('conv1.weight')).toEqual(tensors.get('conv1.weight'));
  from.dispose();
  to.dispose();
});

test('a tensor that is there under two names is refused', async () => {
  const network = resnet();
  const tensors = await exportState(network);
  tensors.set('module.bn1.weight', randomHost([4], 1));
  expect(await refusal(network, tensors)).toContain('module.bn1.weight is there twice, as bn1.weight too');
  network.dispose();
});

test('names of no known layout, and the weights of another network, are refused', async () => {
  const unknown = tensorSource(new Map([['foo.weight', randomHost([2], 1)]]));
  await expect(loadResNet(unknown)).rejects.toThrow(/those of .*timm ViT.*got foo\.weight/);
  expect(inspectWeights(unknown)).toMatchObject({ layout: null, network: null, tensors: 1, values: 2 });
  const network = vit();
  const source = tensorSource(await exportState(network));
  await expect(loadResNet(source)).rejects.toThrow(
    /kind resnet or basic-resnet, got ViT, width 64, 2 layers, heads unknown, patch 8, image 32, 3 cl/,
  );
  network.dispose();
});

test.each(['_orig_mod.', 'module.', 'model.', 'backbone.', 'model._orig_mod.module.', 'net.backbone._orig_mod.'])(
  'what trainers put before names is taken off: %s',
  async (start) => {
    const network = resnet();
    const loaded = await loadResNet(tensorSource(await renamed(network, (name) => start + name)));
    await expectSameState(loaded, network);
    const inner = await renamed(network, (name) => `${start}${name.replace(/^(layer\d+\.\d+)\./, '$1._orig_mod.')}`);
    const compiled = await loadResNet(tensorSource(inner));
    await expectSameState(compiled, network);
    for (const each of [network, loaded, compiled]) each.dispose();
  },
);

test('ResNets of basic blocks, such as ResNet-18, load', async () => {
  const config = {
    stem: { channels: 4, kernel: 7, stride: 2, maxPool: true },
    stages: [
      { channels: 4, blocks: 2, stride: 1 },
      { channels: 6, blocks: 1, stride: 2 },
    ],
    classes: 3,
  };
  const network = new ResNet(config, new RandomStream(1));
  const source = tensorSource(await exportState(network));
  expect(inspectWeights(source).network).toBe('ResNet-8 of basic blocks, blocks 2-1, 6 channels, 3 classes');
  const loaded = await loadResNet(source, { classifier: true });
  await expectSameState(loaded, network);
  const images = randomTensor([2, 32, 32, 3], 5);
  expect(loaded.forward(images).features.dataSync()).toEqual(network.eval().forward(images).features.dataSync());
  const small = new ResNet({ ...config, stem: { ...config.stem, kernel: 3 } }, new RandomStream(1));
  const other = tensorSource(await exportState(small));
  await expect(loadResNet(other)).rejects.toThrow(/first convolution, 7 × 7 .*got one of 3 × 3/);
  for (const each of [network, loaded, small]) each.dispose();
});

test("a pooler is no part of Hugging Face's network, and reported as unused", async () => {
  const rows = await renamed(vit(), (name) => name);
  const tensors: Tensors = new Map();
  for (const [name, tensor] of rows) {
    const plain = name
      .replace('cls_token', 'embeddings.cls_token')
      .replace('pos_embed', 'embeddings.position_embeddings')
      .replace('patch_embed.proj', 'embeddings.patch_embeddings.projection')
      .replace(/^norm/, 'layernorm');
    if (!/^(blocks|head)/.test(name)) tensors.set(plain, tensor);
  }
  tensors.set('pooler.dense.weight', randomHost([64, 64], 1));
  tensors.set('pooler.dense.bias', randomHost([64], 1));
  const network = vit();
  const report = await loadWeights(network, tensorSource(tensors), { partial: true });
  expect(report.unused).toEqual(['pooler.dense.weight', 'pooler.dense.bias']);
  expect(report.unexpected).toEqual([]);
  network.dispose();
});

test.each([
  ['a ConvNeXt', 'stages.0.blocks.0.conv_dw.weight'],
  ['a ConvNeXt', 'convnext.embeddings.patch_embeddings.weight'],
  ['a Swin transformer', 'layers.0.blocks.0.attn.relative_position_bias_table'],
  ['an EfficientNet or MobileNet', 'conv_stem.weight'],
  ['an EfficientNet or MobileNet', 'features.1.0.block.0.0.weight'],
])('%s is refused by its name, with what is known', async (network, name) => {
  const source = tensorSource(new Map([[name, randomHost([2], 1)]]));
  await expect(loadResNet(source)).rejects.toThrow(
    new RegExp(`got those of ${network}: .*Supported are ResNets, ResNeXts, vision transformers and CLIP`),
  );
});

test.each([
  ['SwiGLU blocks', 'blocks.0.mlp.w12.weight'],
  ['norms of queries and keys', 'blocks.0.attn.q_norm.weight'],
])('a vision transformer with %s is refused in a sentence that says so', async (part, name) => {
  const network = vit();
  const tensors = await exportState(network);
  tensors.set(name, randomHost([64], 1));
  const source = tensorSource(tensors);
  await expect(loadVisionTransformer(source, { heads: 1 })).rejects.toThrow(
    new RegExp(`got one with ${part}.*${name}`),
  );
  expect(inspectWeights(source)).toMatchObject({ layout: 'timm ViT', network: null });
  expect(inspectWeights(source).reason).toContain(part);
  await expect(loadWeights(network, source)).rejects.toThrow(new RegExp(`The network has no ${part}`));
  network.dispose();
});

test('both towers of a CLIP are named', async () => {
  const text = { vocabularySize: 20, contextLength: 7, width: 8, layers: 1, embedding: 5, heads: 2 };
  const both = new Clip(clip(), new ClipTextTransformer(text, new RandomStream(1)));
  const source = tensorSource(await exportState(both));
  expect(inspectWeights(source).network).toBe(
    'CLIP ViT, width 64, 2 layers, heads unknown, patch 8, image 16, embedding 5; ' +
      'text tower, width 8, 1 layers, heads unknown, 7 positions, 20 tokens, embedding 5',
  );
  const loaded = await loadClip(source, { image: { heads: 1 }, text: { heads: 2 } });
  await expectSameState(loaded, both);
  both.dispose();
  loaded.dispose();
});

test('a checkpoint whose blocks are not numbered from 0 on is refused, however large the number', async () => {
  const network = vit();
  const tensors = await exportState(network);
  tensors.set('blocks.4000000000.norm1.weight', randomHost([64], 1));
  await expect(loadVisionTransformer(tensorSource(tensors), { heads: 1 })).rejects.toThrow(
    /blocks from 0 to 4000000000/,
  );
  network.dispose();
});
