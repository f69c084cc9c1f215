import {
  DataError,
  exportState,
  type HostTensor,
  importState,
  Module,
  ModuleBuffer,
  Parameter,
  readSafetensors,
  writeSafetensors,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

class Block extends Module {
  // In memory [H, W, I, O] = [1, 2, 3, 2] and [I, O] = [2, 3].
  readonly conv = new Parameter(tf.range(0, 12).reshape([1, 2, 3, 2]), { layout: 'OIHW' });
  readonly fc = new Parameter(
    tf.tensor2d([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    { layout: 'OI' },
  );
  readonly bias = new Parameter(tf.tensor1d([0.1, -0, Number.NaN, 1e-42]));
}

class Net extends Module {
  readonly block = new Block();
  readonly pointer = new ModuleBuffer(tf.scalar(3, 'int32'), 'same');
  readonly seen = new ModuleBuffer(tf.tensor1d([true, false], 'bool'), 'same');
}

const bits = (tensor: HostTensor) => new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);

test('exports PyTorch’s names, shapes and axis order', async () => {
  const state = await exportState(new Net());
  expect([...state.keys()]).toEqual(['block.conv', 'block.fc', 'block.bias', 'pointer', 'seen']);
  expect(state.get('block.conv')?.shape).toEqual([2, 3, 1, 2]);
  // Entry [o, i, h, w] stands in memory at ((h · 2 + w) · 3 + i) · 2 + o.
  expect([...(state.get('block.conv')?.data ?? [])]).toEqual([0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]);
  expect(state.get('block.fc')).toEqual({ dtype: 'F32', shape: [3, 2], data: Float32Array.of(1, 4, 2, 5, 3, 6) });
  expect(state.get('pointer')).toEqual({ dtype: 'I32', shape: [], data: Int32Array.of(3) });
  expect(state.get('seen')).toEqual({ dtype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) });
});

test('comes back bit for bit through a file', async () => {
  const state = await exportState(new Net());
  const other = new Net();
  for (const [, { variable }] of other.namedState()) variable.assign(tf.zerosLike(variable));
  expect(importState(other, readSafetensors(writeSafetensors(state)).tensors)).toEqual({ missing: [], unexpected: [] });
  for (const [name, tensor] of await exportState(other)) expect(bits(tensor)).toEqual(bits(state.get(name)!));
});

test('exports what was there at the call, even if training goes on', async () => {
  const net = new Net();
  const pending = exportState(net);
  tf.tidy(() => net.block.fc.variable.assign(tf.zeros([2, 3])));
  net.block.bias.variable.assign(tf.zeros([4]));
  const state = await pending;
  expect([...state.get('block.fc')!.data]).toEqual([1, 4, 2, 5, 3, 6]);
  expect(state.get('block.bias')!.data[0]).toBeCloseTo(0.1);
});

test('the imported arrays may be changed afterwards', async () => {
  const net = new Net();
  const state = await exportState(net);
  importState(net, state);
  for (const { data } of state.values()) data.fill(0 as never);
  expect([...net.block.fc.variable.dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
});

test('lists all that is missing, unexpected or of another form at once, and changes nothing', async () => {
  const net = new Net();
  const before = await exportState(net);
  const bad = new Map(before);
  bad.delete('pointer');
  bad.set('block.extra', { dtype: 'F32', shape: [1], data: new Float32Array(1) });
  // The shape in memory is not the shape in the file.
  bad.set('block.fc', { dtype: 'F32', shape: [2, 3], data: new Float32Array(6) });
  bad.set('seen', { dtype: 'F32', shape: [2], data: new Float32Array(2) });
  const attempt = () => importState(net, bad);
  expect(attempt).toThrow(DataError);
  expect(attempt).toThrow(/pointer is missing/);
  expect(attempt).toThrow(/block.extra is unexpected/);
  expect(attempt).toThrow(/block.fc has shape \[2,3\], not \[3,2\]/);
  expect(attempt).toThrow(/seen holds F32, not bool/);
  expect(await exportState(net)).toEqual(before);
});

test('a partial import takes what is there, reports the rest, and still refuses a wrong shape', async () => {
  const net = new Net();
  const some = new Map<string, HostTensor>([
    ['block.bias', { dtype: 'F32', shape: [4], data: Float32Array.of(1, 2, 3, 4) }],
    ['head.weight', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }],
  ]);
  expect(importState(net, some, { partial: true })).toEqual({
    missing: ['block.conv', 'block.fc', 'pointer', 'seen'],
    unexpected: ['head.weight'],
  });
  expect([...net.block.bias.variable.dataSync()]).toEqual([1, 2, 3, 4]);
  some.set('block.bias', { dtype: 'F32', shape: [3], data: new Float32Array(3) });
  expect(() => importState(net, some, { partial: true })).toThrow(/block.bias has shape/);
});

test('doubles are rounded, long integers taken over', async () => {
  const net = new Net();
  const state = await exportState(net);
  state.set('block.bias', { dtype: 'F64', shape: [4], data: Float64Array.of(0.1, 1, 2, 3) });
  state.set('pointer', { dtype: 'I64', shape: [], data: BigInt64Array.of(-7n) });
  importState(net, state);
  expect([...net.block.bias.variable.dataSync()]).toEqual([Math.fround(0.1), 1, 2, 3]);
  expect([...net.pointer.variable.dataSync()]).toEqual([-7]);
});

test('PyTorch’s batch counters are passed over', async () => {
  const net = new Net();
  const state = await exportState(net);
  const counter: HostTensor = { dtype: 'I64', shape: [], data: BigInt64Array.of(9n) };
  state.set('block.bn.num_batches_tracked', counter).set('num_batches_tracked', counter);
  expect(importState(net, state).unexpected).toEqual([]);
  state.set('block.not_num_batches_tracked', counter);
  expect(() => importState(net, state)).toThrow(/not_num_batches_tracked is unexpected/);
});

test('leaves no tensor behind', async () => {
  const net = new Net();
  const before = tf.memory().numTensors;
  importState(net, await exportState(net));
  expect(tf.memory().numTensors).toBe(before);
});
