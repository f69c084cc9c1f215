import {
  Adam,
  clipGradients,
  cosineDecay,
  Ema,
  exportState,
  importState,
  linearWarmup,
  MersenneTwister,
  Module,
  ModuleBuffer,
  momentumUpdate,
  multiStepDecay,
  oneCycle,
  Parameter,
  type Schedule,
  Sgd,
  stepDecay,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type {
  ParityAdapter,
  ParityAdapters,
  ParityInputs,
  ParityValue,
} from '../../../packages/tensor/parity/adapter.ts';

/** A module with given state names. */
class NamedState extends Module {
  constructor(state: Readonly<Record<string, Parameter | ModuleBuffer>>) {
    super();
    Object.assign(this, state);
  }
}

const isBuffer = (name: string): boolean => /running_(mean|var)$/.test(name);

/** A module of all stored tensors whose name starts with `prefix`. Running statistics are buffers. */
function moduleOf(inputs: ParityInputs, prefix: string): Module {
  const names = inputs.names.filter((name) => name.startsWith(prefix));
  const state = names.map((name) => {
    const value = inputs.tensor(name);
    return [
      name.slice(prefix.length),
      isBuffer(name) ? new ModuleBuffer(value, 'mean') : new Parameter(value),
    ] as const;
  });
  return new NamedState(Object.fromEntries(state));
}

function rename<T>(values: ReadonlyMap<string, T>, rename: (name: string) => string): Record<string, T> {
  return Object.fromEntries([...values].map(([name, value]) => [rename(name), value]));
}

/** The learning rates at given steps, for the base rate of the case. */
function learningRates(schedule: Schedule, base: number, steps: readonly number[]): number[] {
  return steps.map((step) => base * schedule(step).learningRateFactor);
}

/** A step schedule by epoch with mmcv's linear warm-up. */
const stepsWithWarmup: ParityAdapter = (inputs) => {
  const params = inputs.params as Record<
    'base_lr' | 'gamma' | 'warmup_iters' | 'warmup_ratio' | 'iters_per_epoch',
    number
  >;
  const epochs = inputs.params.steps as number[];
  const milestones = epochs.map((epoch) => epoch * params.iters_per_epoch);
  const schedule = linearWarmup(multiStepDecay({ milestones, gamma: params.gamma }), {
    steps: params.warmup_iters,
    from: params.warmup_ratio,
  });
  return { lr: learningRates(schedule, params.base_lr, inputs.numbers('iteration')) };
};

const clippedSgd: ParityAdapter = (inputs) => {
  const params = inputs.params as Record<'lr' | 'momentum' | 'weight_decay' | 'max_norm', number>;
  const parameters = [0, 1].map((i) => new Parameter(inputs.tensor(`param_${i}`)));
  const group = { parameters: parameters.map((p, i) => [`${i}`, p] as const), learningRate: params.lr };
  const sgd = new Sgd([{ ...group, weightDecay: params.weight_decay }], { momentum: params.momentum });
  const outputs: Record<string, ParityValue> = {};
  for (let step = 0; inputs.has(`grad${step}_0`); step++) {
    const gradients = new Map(parameters.map((parameter, i) => [parameter, inputs.tensor(`grad${step}_${i}`)]));
    const clipped = clipGradients(gradients, params.max_norm);
    sgd.step(clipped.gradients);
    outputs[`norm${step}`] = clipped.norm;
    for (const [i, { variable }] of parameters.entries()) outputs[`param${step}_${i}`] = variable.clone();
  }
  return outputs;
};

const ema: ParityAdapter = async (inputs) => {
  const { decay, steps } = inputs.params as Record<'decay' | 'steps', number>;
  const module = moduleOf(inputs, 'in.step0.');
  const average = new Ema(module, { decay });
  for (let step = 1; step <= steps; step++) {
    importState(module, await exportState(moduleOf(inputs, `in.step${step}.`)));
    average.update();
  }
  return rename(await average.exportState(), (name) => `out.ema.${name}`);
};

const oneCycleRates: ParityAdapter = (inputs) => {
  const params = inputs.params as Record<string, number>;
  const totalSteps = params.epochs * params.steps_per_epoch;
  const schedule = oneCycle({
    totalSteps,
    riseFraction: params.pct_start,
    divisor: params.div_factor,
    finalDivisor: params.final_div_factor,
    momentum: [params.max_momentum, params.base_momentum],
    anneal: inputs.params.anneal === 'linear' ? 'linear' : 'cosine',
  });
  const steps = inputs.numbers('step');
  return {
    lr: learningRates(schedule, params.max_lr, steps),
    beta1: steps.map((step) => schedule(step).momentum ?? Number.NaN),
    total_steps: totalSteps,
  };
};

const adamCoupledL2: ParityAdapter = (inputs) => {
  const { lr, weightDecay, beta1, beta2, eps, steps, gamma } = inputs.params as Record<string, number>;
  const every = (inputs.params.stepSize as number | null) ?? steps;
  const schedule = stepDecay({ every, gamma });
  const parameter = new Parameter(inputs.tensor('param'));
  const group = { parameters: [['param', parameter]] as const, learningRate: lr, weightDecay };
  const adam = new Adam([group], { beta1, beta2, epsilon: eps });
  const after = tf.unstack(inputs.tensor('grads')).map((gradient, step) => {
    adam.step(new Map([[parameter, gradient]]), schedule(step));
    return parameter.variable.clone();
  });
  return { params_after: tf.stack(after) };
};

const randomSample: ParityAdapter = (inputs) => {
  const seeds = inputs.numbers('seed');
  const samples = inputs.json('random_sample') as number[][];
  const words = inputs.json('uint32_first') as number[][];
  const places = inputs.json('random_sample_at') as Record<string, number>[];
  const uniforms = (seed: number, count: number): number[] => {
    const generator = new MersenneTwister(seed);
    return Array.from({ length: count }, () => generator.uniform());
  };
  return {
    random_sample: seeds.map((seed, i) => uniforms(seed, samples[i].length)),
    uint32_first: seeds.map((seed, i) => {
      const generator = new MersenneTwister(seed);
      return words[i].map(() => generator.bits());
    }),
    random_sample_at: seeds.map((seed, i) => {
      const indices = Object.keys(places[i]);
      const drawn = uniforms(seed, Math.max(...indices.map(Number)) + 1);
      return Object.fromEntries(indices.map((index) => [index, drawn[Number(index)]]));
    }),
  };
};

/** Linear warm-up from 0, then a cosine. All lengths are in epochs. */
function warmupCosine(warmup: number, epochs: number, minimum: number): Schedule {
  return linearWarmup(cosineDecay({ start: warmup, end: epochs, minimum }), { steps: warmup });
}

const fractionalEpochs: ParityAdapter = (inputs) => {
  const configs = inputs.json('config') as Record<'lr' | 'min_lr' | 'warmup_epochs' | 'epochs', number>[];
  const scales = inputs.numbers('lr_scale_example');
  const points = inputs.json('points') as number[][][];
  return {
    points: configs.map(({ lr, min_lr: least, warmup_epochs: warmup, epochs }, i) => {
      const schedule = warmupCosine(warmup, epochs, least / lr);
      return points[i].map(([epoch]) => {
        const rate = lr * schedule(epoch).learningRateFactor;
        return [epoch, rate, rate * scales[i]];
      });
    }),
  };
};

const pretrainingRates: ParityAdapter = (inputs) => {
  const params = inputs.params as Record<'base_lr' | 'warmup_epochs' | 'epochs' | 'iters_per_epoch', number>;
  const iterations = inputs.numbers('iter_index');
  const epochs = inputs.numbers('epoch_index').map((epoch, i) => epoch + iterations[i] / params.iters_per_epoch);
  const schedule = warmupCosine(params.warmup_epochs, params.epochs, 0);
  return { epoch_fraction: epochs, lr: learningRates(schedule, params.base_lr, epochs) };
};

const classifierRates: ParityAdapter = (inputs) => {
  const schedule = multiStepDecay({ milestones: inputs.params.schedule as number[] });
  return { lr: learningRates(schedule, inputs.params.base_lr as number, inputs.numbers('epoch_index')) };
};

const momentumEncoder: ParityAdapter = async (inputs) => {
  const source = moduleOf(inputs, 'q.');
  const parameters = moduleOf(inputs, 'k.');
  const buffers = moduleOf(inputs, 'kbuf.');
  const target = new NamedState(Object.fromEntries([...parameters.namedState(), ...buffers.namedState()]));
  const outputs: Record<string, ParityValue> = {};
  for (const step of [1, 2]) {
    momentumUpdate(target, source, inputs.params.m as number);
    const place = (name: string): string => `step${step}.${isBuffer(name) ? 'kbuf' : 'k'}.${name}`;
    Object.assign(outputs, rename(await exportState(target), place));
  }
  return outputs;
};

/** Comparisons of optimisers, schedules, averaged weights, and the random generator of published splits. */
export const optimAdapters: ParityAdapters = {
  'losses/lr_schedule': stepsWithWarmup,
  'SGD momentum 0.9, wd 1e-4, lr 0.02, grad clip 35': clippedSgd,
  ema,
  onecycle: oneCycleRates,
  adamCoupledL2,
  mt19937RandomSample: randomSample,
  'mkt/lr_schedule': fractionalEpochs,
  lrStage1: pretrainingRates,
  lrStage2: classifierRates,
  momentumUpdate: momentumEncoder,
};
