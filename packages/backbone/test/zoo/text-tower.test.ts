import { exportState, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import {
  buildEncoder,
  buildTextTower,
  encoderByName,
  loadTextTower,
  tensorSource,
  type ZooEncoder,
} from '../../src/index.ts';

const sizes = { vocabularySize: 12, contextLength: 5, width: 16, layers: 2, heads: 4, embedding: 6 };
const small = (name: string, text: object = {}): ZooEncoder => {
  const { encoder } = encoderByName(name);
  return { ...encoder, text: { ...(encoder.text as NonNullable<ZooEncoder['text']>), ...sizes, ...text } };
};

async function stateOf(encoder: ZooEncoder) {
  const tower = buildTextTower(encoder, new RandomStream(4));
  const state = await exportState(tower);
  const embedding = tf.tidy(() => [...tower.forward(tf.tensor2d([[1, 2, 11]], [1, 3], 'int32')).dataSync()]);
  tower.dispose();
  return { state, embedding };
}

test.each(['clip_vit_b32', 'openclip_vit_b16'])('the text tower of %s is loaded as it was saved', async (name) => {
  const before = tf.memory().numTensors;
  const { state, embedding } = await stateOf(small(name));
  const tower = await loadTextTower(small(name), tensorSource(state));
  expect(tf.tidy(() => [...tower.forward(tf.tensor2d([[1, 2, 11]], [1, 3], 'int32')).dataSync()])).toEqual(embedding);
  expect(tower.training).toBe(false);
  tower.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('OpenAI and open_clip differ by the GELU of their texts, too', async () => {
  const [quick, exact] = [await stateOf(small('clip_vit_b32')), await stateOf(small('openclip_vit_b32'))];
  expect(quick.embedding).not.toEqual(exact.embedding);
});

test('weights of another tower, and of none, are refused by what they are', async () => {
  const encoder = small('clip_vit_b32');
  const { state } = await stateOf(encoder);
  const narrow = small('clip_vit_b32', { embedding: 7 });
  await expect(loadTextTower(narrow, tensorSource(state))).rejects.toThrow(
    /the text tower of clip_vit_b32, got another: width 16, 2 layers, .*; embedding 6/,
  );
  const config = { model_cfg: { quick_gelu: false, text_cfg: { width: 16, heads: 4, layers: 2 } } };
  await expect(loadTextTower(encoder, tensorSource(state, config))).rejects.toThrow(/got another: .*; quickGelu false/);
  const network = { kind: 'clip-vit', config: { patchSize: 8, width: 8, layers: 1, heads: 2, embedding: 6 } } as const;
  const image = buildEncoder({ ...encoder, network }, { imageSize: 16, random: new RandomStream(1) });
  const named = [...(await exportState(image))].map(([name, tensor]) => [`visual.${name}`, tensor] as const);
  image.dispose();
  await expect(loadTextTower(encoder, tensorSource(new Map(named)))).rejects.toThrow(/got no text tower\. At timm/);
  expect(() => buildTextTower(encoderByName('resnet50').encoder)).toThrow(/one of tiny-clip, .*got resnet50/);
});
