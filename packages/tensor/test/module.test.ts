import { readFileSync } from 'node:fs';
import { Module, ModuleBuffer, Parameter } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

const parameter = () => new Parameter(tf.zeros([2]));

class Norm extends Module {
  readonly weight = parameter();
  readonly running_mean = new ModuleBuffer(tf.zeros([2]), 'mean');
}

class Block extends Module {
  readonly conv1 = parameter();
  readonly bn1 = new Norm();
  readonly downsample?: Module;
}

class Net extends Module {
  readonly layer4 = [new Block(), new Block()];
  readonly scale = parameter();
  readonly options = { depth: 2 };
  readonly tables = [1, 2, 3];
  readonly #teacher = new Norm();

  teacher(): Module {
    return this.#teacher;
  }
}

const names = (entries: Iterable<readonly [string, unknown]>) => Array.from(entries, ([name]) => name);

test('fields are the names, in their order, lists by index, as in PyTorch', () => {
  const net = new Net();
  expect(names(net.namedState())).toEqual([
    'layer4.0.conv1',
    'layer4.0.bn1.weight',
    'layer4.0.bn1.running_mean',
    'layer4.1.conv1',
    'layer4.1.bn1.weight',
    'layer4.1.bn1.running_mean',
    'scale',
  ]);
  expect(names(net.namedBuffers())).toEqual(['layer4.0.bn1.running_mean', 'layer4.1.bn1.running_mean']);
  expect(names(net.namedParameters())).toHaveLength(5);
  expect(names(net.namedModules())).toEqual(['', 'layer4.0', 'layer4.0.bn1', 'layer4.1', 'layer4.1.bn1']);
});

test('train and eval reach every module below, not one that is only referred to', () => {
  const net = new Net();
  expect(net.eval()).toBe(net);
  expect(Array.from(net.namedModules(), ([, module]) => module.training)).toEqual([false, false, false, false, false]);
  expect(net.teacher().training).toBe(true);
  net.train();
  expect(net.layer4[1].bn1.training).toBe(true);
});

test('freezing by name takes parameters out of training and counts them', () => {
  const net = new Net();
  expect(net.freeze(/^layer4\.0\./)).toBe(2);
  expect(names(net.trainableParameters())).toEqual(['layer4.1.conv1', 'layer4.1.bn1.weight', 'scale']);
  expect(net.freeze()).toBe(5);
  expect(names(net.trainableParameters())).toEqual([]);
  expect(net.unfreeze(/bn1/)).toBe(2);
  expect(names(net.trainableParameters())).toEqual(['layer4.0.bn1.weight', 'layer4.1.bn1.weight']);
  expect(net.freeze(/nothing/)).toBe(0);
});

test('a global pattern freezes every match', () => {
  expect(new Net().freeze(/bn1|conv1/g)).toBe(4);
});

test('a parameter takes over its value, and dispose frees all that the module owns', () => {
  const before = tf.memory().numTensors;
  const value = tf.ones([3]);
  const single = new Parameter(value);
  expect(value.isDisposed).toBe(true);
  expect(single.shape).toEqual([3]);
  expect([...single.variable.dataSync()]).toEqual([1, 1, 1]);
  single.dispose();
  const net = new Net();
  expect(tf.memory().numTensors).toBe(before + 9);
  net.dispose();
  expect(tf.memory().numTensors).toBe(before + 2);
  net.teacher().dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('a module made inside a tidy outlives it', () => {
  let norm: Norm | undefined;
  tf.tidy(() => {
    norm = new Norm();
  });
  expect([...norm!.weight.variable.dataSync()]).toEqual([0, 0]);
});

test('a member of a copy of the package that is not understood is refused, and both versions are named', () => {
  const net = new Net();
  const mark = { form: 2, version: '9.8.7', kinds: ['Module'] };
  const foreign = Object.defineProperty({}, Symbol.for('@ltml/module'), { value: mark });
  Object.assign(net, { head: foreign });
  const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  expect(() => names(net.namedState())).toThrow(
    `should be made by a version of @ltml/tensor compatible with ${own.version}, got a Module of version 9.8.7`,
  );
});
