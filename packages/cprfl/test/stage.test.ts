import { cprfl, cprflConfigSchema } from '@ltml/cprfl';
import { Module, Parameter, RandomStreams } from '@ltml/tensor';
import type { Encoder, EncoderOutput } from '@ltml/tensor/contract';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { randomTensor } from './support.ts';

class TinyEncoder extends Module implements Encoder {
  readonly kernel: Parameter = new Parameter(tf.ones([2, 5]));
  readonly shift: Parameter = new Parameter(tf.ones([5]));

  forward(images: tf.Tensor): EncoderOutput {
    return { features: images as tf.Tensor2D };
  }
}

function stageOf(changes: Record<string, unknown>) {
  const config = cprflConfigSchema.parse({ width: 4, vsi: { heads: 1, headWidth: 2, hiddenWidth: 3 }, ...changes });
  const task = { classes: ['a', 'b'], statistics: { trainCount: 2, classCounts: [1, 1], cooccurrence: [] } };
  const parts = { encoder: new TinyEncoder(), features: 5, classEmbeddings: randomTensor<tf.Tensor2D>([2, 3], 1) };
  const learner = cprfl.create(task, parts, config, new RandomStreams(1));
  return { learner, stage: learner.stages[0] };
}

describe('the stage of CPRFL', () => {
  it('stops in the middle of a cycle that is laid out for more epochs', () => {
    const { learner, stage } = stageOf({});
    const schedule = stage.schedule(30 * 36);
    const rises = 0.1 * 80 * 36 - 1;
    expectClose([schedule(0).learningRateFactor, schedule(0).momentum ?? 0], [1 / 25, 0.95]);
    expectClose([schedule(rises).learningRateFactor, schedule(rises).momentum ?? 0], [1, 0.85]);
    expect(schedule(30 * 36).learningRateFactor).toBeGreaterThan(0.7);
    expect([stage.epochs, stage.averageDecay]).toEqual([30, 0.998]);
    learner.dispose();
  });

  it('has no schedule where none is laid out, as in the paper', () => {
    const { learner, stage } = stageOf({ schedule: { name: 'constant' } });
    for (const step of [0, 100, 1079]) expect(stage.schedule(30 * 36)(step)).toEqual({ learningRateFactor: 1 });
    learner.dispose();
  });

  it('decays weights of two axes alone, and may slow the encoder down', () => {
    const { learner, stage } = stageOf({
      optimizer: { learningRate: 1, weightDecay: 0.5 },
      encoder: { learningRateScale: 0.1 },
    });
    const named = [...learner.trainableParameters()];
    const optimizer = stage.optimizer(named);
    const before = new Map(named.map(([name, { variable }]) => [name, variable.dataSync()]));
    // A gradient of zeros: what is left of an update is the decay.
    optimizer.step(new Map(named.map(([, parameter]) => [parameter, tf.zeros(parameter.shape)])));
    for (const [name, { variable }] of named) {
      const kept = variable.shape.length < 2 ? 1 : name.startsWith('encoder.') ? 1 - 0.1 * 0.5 : 0.5;
      expectClose(variable.dataSync(), before.get(name)?.map((value) => value * kept) ?? []);
    }
    optimizer.dispose();
    learner.dispose();
  });

  it('adds the decay to the gradient where it is coupled: Adam moves by the rate, however small it is', () => {
    const { learner, stage } = stageOf({ optimizer: { name: 'adam', learningRate: 0.01, weightDecay: 0.5 } });
    const named = [...learner.trainableParameters()];
    const optimizer = stage.optimizer(named);
    const before = new Map(named.map(([name, { variable }]) => [name, variable.dataSync()]));
    optimizer.step(new Map(named.map(([, parameter]) => [parameter, tf.zeros(parameter.shape)])));
    for (const [name, { variable }] of named) {
      const rate = variable.shape.length < 2 ? 0 : 0.01;
      const moved = before.get(name)?.map((value) => value - rate * Math.sign(value)) ?? [];
      expectClose(variable.dataSync(), moved, { relative: 1e-4, absolute: 1e-6 });
    }
    optimizer.dispose();
    learner.dispose();
  });

  it('freezes what of the encoder it is told to', () => {
    const { learner } = stageOf({ freeze: { parameters: '^kernel' } });
    const names = [...learner.trainableParameters()].map(([name]) => name);
    expect(names).toContain('encoder.shift');
    expect(names).not.toContain('encoder.kernel');
    learner.dispose();
  });
});
