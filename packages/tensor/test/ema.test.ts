import {
  DataError,
  Ema,
  exportState,
  Module,
  ModuleBuffer,
  momentumUpdate,
  NotSupportedError,
  OptionError,
  Parameter,
} from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

class Toy extends Module {
  readonly weight: Parameter;
  readonly bias = new Parameter(tf.tensor1d([1, 2]));
  readonly gain = new Parameter(tf.tensor1d([3]));
  readonly mean = new ModuleBuffer(tf.tensor1d([4]), 'mean');
  readonly count = new ModuleBuffer(tf.scalar(5, 'int32'), 'same');

  constructor(weight = 0) {
    super();
    this.weight = new Parameter(tf.fill([2, 3], weight), { layout: 'OI' });
  }

  fill(value: number): void {
    tf.tidy(() => {
      for (const [, { variable }] of this.namedState()) {
        variable.assign(tf.cast(tf.fill(variable.shape, value), variable.dtype));
      }
    });
  }
}

const valuesOf = async (state: Promise<Map<string, { data: ArrayLike<unknown> }>>) =>
  Object.fromEntries([...(await state)].map(([name, { data }]) => [name, Number(data[0])]));

test('moves parameters and float buffers from a copy, without bias correction; copies counters', async () => {
  const toy = new Toy();
  const ema = new Ema(toy, { decay: 0.75 });
  toy.fill(8);
  ema.update();
  const averages = await valuesOf(ema.exportState());
  expect(averages).toEqual({ weight: 2, bias: 2.75, gain: 4.25, mean: 5, count: 8 });
  expect(await valuesOf(exportState(toy))).toEqual({ weight: 8, bias: 8, gain: 8, mean: 8, count: 8 });
});

test('the average of what does not move is the thing itself, bit for bit', async () => {
  const toy = new Toy(0.1);
  toy.fill(1 / 3);
  const before = await exportState(toy);
  const ema = new Ema(toy, { decay: 0.998 });
  for (let step = 0; step < 50; step++) ema.update();
  expect(await ema.exportState()).toEqual(before);
});

test('decay 0 is the module itself and decay 1 the module as it was, bit for bit', async () => {
  const toy = new Toy(0.1);
  const before = await valuesOf(exportState(toy));
  const still = new Ema(toy, { decay: 1 });
  const follows = new Ema(toy, { decay: 0 });
  toy.fill(7);
  still.update();
  follows.update();
  expect(await valuesOf(still.exportState())).toEqual({ ...before, count: 7 });
  expect(await follows.exportState()).toEqual(await exportState(toy));
});

test('swap exchanges the values and a second swap brings them back', async () => {
  const toy = new Toy();
  const ema = new Ema(toy, { decay: 0.5 });
  toy.fill(8);
  ema.update();
  const live = await exportState(toy);
  const averages = await ema.exportState();
  ema.swap();
  expect(await exportState(toy)).toEqual(averages);
  // A checkpoint made meanwhile still gets the averages.
  expect(await ema.exportState()).toEqual(averages);
  expect(() => ema.update()).toThrow(NotSupportedError);
  ema.swap();
  expect(await exportState(toy)).toEqual(live);
  ema.update();
  expect((await valuesOf(ema.exportState())).weight).toBe(6);
});

test('its state goes into another average', async () => {
  const toy = new Toy();
  const ema = new Ema(toy, { decay: 0.5 });
  toy.fill(8);
  ema.update();
  const other = new Ema(new Toy(3));
  other.importState(await ema.exportState());
  expect(await other.exportState()).toEqual(await ema.exportState());
  expect(() => other.importState(new Map())).toThrow(DataError);
});

test('refuses a decay outside [0, 1]', () => {
  expect(() => new Ema(new Toy(), { decay: 1.1 })).toThrow(OptionError);
  expect(() => new Ema(new Toy(), { momentum: 0.9 } as object)).toThrow(/"momentum"/);
});

test('momentumUpdate moves parameters, not buffers', async () => {
  const target = new Toy();
  const source = new Toy();
  source.fill(8);
  momentumUpdate(target, source, 0.75);
  expect(await valuesOf(exportState(target))).toEqual({ weight: 2, bias: 2.75, gain: 4.25, mean: 4, count: 5 });
  expectClose(target.bias.variable.dataSync(), [2.75, 3.5]);
});

test('momentumUpdate refuses modules of different parameters, naming them', () => {
  class Other extends Toy {
    readonly extra = new Parameter(tf.scalar(1));
  }
  expect(() => momentumUpdate(new Toy(), new Other(), 0.9)).toThrow(/extra/);
  expect(() => momentumUpdate(new Other(), new Toy(), 0.9)).toThrow(/extra/);
  expect(() => momentumUpdate(new Toy(), new Toy(), 2)).toThrow(OptionError);
});

test('leaves no tensor behind', async () => {
  const toy = new Toy();
  const other = new Toy();
  const before = tf.memory().numTensors;
  const ema = new Ema(toy);
  const built = tf.memory().numTensors;
  ema.update();
  ema.swap();
  ema.importState(await ema.exportState());
  ema.swap();
  momentumUpdate(other, toy, 0.9);
  expect(tf.memory().numTensors).toBe(built);
  ema.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
