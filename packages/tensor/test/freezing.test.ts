import { BatchNorm, type Freezing, freezeNetwork, Linear, Module, RandomStream } from '@ltml/tensor';
import { expect, test } from 'vitest';

class Block extends Module {
  readonly fc = new Linear({ inFeatures: 2, outFeatures: 2, bias: false, random: new RandomStream(1) });
  readonly bn1 = new BatchNorm({ channels: 2 });
}

class Network extends Module {
  readonly bn1 = new BatchNorm({ channels: 2 });
  readonly layer1 = [new Block()];
  readonly layer2 = [new Block()];
}

const nothing: Freezing = { parameters: null, statistics: null };

function frozen(freezing: Freezing) {
  const network = new Network();
  const counts = freezeNetwork(network, freezing);
  // What the engine does before each epoch; it must not undo the freezing.
  network.eval().train();
  const parameters = [...network.namedParameters()].flatMap(([name, { trainable }]) => (trainable ? [] : [name]));
  const modules = [
    ['bn1', network.bn1],
    ['layer1.0.bn1', network.layer1[0].bn1],
    ['layer2.0.bn1', network.layer2[0].bn1],
  ];
  const norms = modules.flatMap(([name, norm]) => ((norm as BatchNorm).usesBatch ? [] : [name]));
  network.dispose();
  expect(counts).toEqual({ parameters: parameters.length, norms: norms.length });
  return { parameters, norms };
}

test('parameters and statistics are frozen by name, each by its own pattern, and stay so', () => {
  expect(frozen({ parameters: '^(bn1|layer1)\\.', statistics: '^layer' })).toEqual({
    parameters: ['bn1.weight', 'bn1.bias', 'layer1.0.fc.weight', 'layer1.0.bn1.weight', 'layer1.0.bn1.bias'],
    norms: ['layer1.0.bn1', 'layer2.0.bn1'],
  });
});

test("null freezes nothing and '' all", () => {
  expect(frozen(nothing)).toEqual({ parameters: [], norms: [] });
  const all = frozen({ parameters: '', statistics: '' });
  expect([all.parameters.length, all.norms.length]).toEqual([8, 3]);
});

test('a pattern that is none, or that fits no name, is refused before anything is frozen', () => {
  const network = new Network();
  expect(() => freezeNetwork(network, { ...nothing, parameters: '(' })).toThrow(
    /should be a regular expression or null/,
  );
  expect(() => freezeNetwork(network, { parameters: '^bn1', statistics: '^blocks' })).toThrow(
    'freezeNetwork: freeze.statistics should be a pattern that matches names of the network, such as bn1, got "^blocks"',
  );
  expect([...network.trainableParameters()]).toHaveLength(8);
  network.dispose();
});

test('a network without parameters or batch norms suits any pattern', () => {
  class Flat extends Module {}
  expect(freezeNetwork(new Flat(), { parameters: '^layer', statistics: '^bn' })).toEqual({ parameters: 0, norms: 0 });
});
