import { freezeLayers, lastLayer, layerDecayGroups } from '@ltml/mkt';
import { Module, Parameter } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** A module with parameters of given names and shapes. */
function network(shapes: Readonly<Record<string, readonly number[]>>): Module {
  const root = new (class extends Module {})();
  for (const [name, shape] of Object.entries(shapes)) {
    Object.assign(root, { [name]: new Parameter(tf.zeros([...shape])) });
  }
  return root;
}

const options = { learningRate: 1, weightDecay: 0.1, layerDecay: 0.5 };

/** Rate and decay by name. */
function rates(module: Module): Record<string, [rate: number, decay: number]> {
  const groups = layerDecayGroups(module.namedParameters(), { ...options, depth: lastLayer(module) });
  return Object.fromEntries(
    groups.flatMap(({ parameters, learningRate, weightDecay = 0 }) =>
      [...parameters].map(([name]) => [name, [learningRate, weightDecay]]),
    ),
  );
}

const networks = {
  timm: {
    cls_token: [1, 1, 2],
    pos_embed: [1, 3, 2],
    'patch_embed.proj.weight': [2, 2, 3, 2],
    'blocks.0.attn.qkv.weight': [2, 6],
    'blocks.1.attn.qkv.bias': [6],
    'norm.weight': [2],
  },
  resnet: {
    'conv1.weight': [3, 3, 3, 2],
    'bn1.weight': [2],
    'layer1.0.conv1.weight': [3, 3, 2, 2],
    'layer2.0.bn1.bias': [2],
    'attnpool.positional_embedding': [5, 2],
  },
};

describe('layers', () => {
  it('of a vision transformer: what comes before the blocks, each block, and the rest; no decay for the class token', () => {
    const module = network(networks.timm);
    expect(lastLayer(module)).toBe(3);
    expect(rates(module)).toEqual({
      cls_token: [0.125, 0],
      pos_embed: [0.125, 0.1],
      'patch_embed.proj.weight': [0.125, 0.1],
      'blocks.0.attn.qkv.weight': [0.25, 0.1],
      'blocks.1.attn.qkv.bias': [0.5, 0],
      'norm.weight': [1, 0],
    });
    module.dispose();
  });

  it('of a ResNet: stem, stages, and the rest', () => {
    const module = network(networks.resnet);
    expect(rates(module)).toEqual({
      'conv1.weight': [0.125, 0.1],
      'bn1.weight': [0.125, 0],
      'layer1.0.conv1.weight': [0.25, 0.1],
      'layer2.0.bn1.bias': [0.5, 0],
      'attnpool.positional_embedding': [1, 0.1],
    });
    module.dispose();
  });
});

it('freezes layers from below', () => {
  const module = network(networks.timm);
  expect(freezeLayers(module, -1)).toEqual([]);
  expect(freezeLayers(module, 1)).toEqual([
    ...['cls_token', 'pos_embed', 'patch_embed.proj.weight', 'blocks.0.attn.qkv.weight'],
  ]);
  expect([...module.trainableParameters()].map(([name]) => name)).toEqual(['blocks.1.attn.qkv.bias', 'norm.weight']);
  module.dispose();
});
