import { Adam, AdamW, compile, oneCycle, Parameter, RandomStream, Sgd } from '@ltml/tensor';
import type { NamedParameter, Optimizer } from '@ltml/tensor/contract';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';

const steps = 20;
const cases: [title: string, create: (parameters: NamedParameter[]) => Optimizer][] = [
  ['Adam', (parameters) => new Adam([{ parameters, learningRate: 0.01 }])],
  ['Adam with coupled decay', (parameters) => new Adam([{ parameters, learningRate: 0.01, weightDecay: 0.1 }])],
  ['AdamW', (parameters) => new AdamW([{ parameters, learningRate: 0.01, weightDecay: 0.1 }])],
  ['SGD', (parameters) => new Sgd([{ parameters, learningRate: 0.1 }])],
  [
    'SGD with momentum, dampening and decay',
    (parameters) => new Sgd([{ parameters, learningRate: 0.1, weightDecay: 0.01 }], { momentum: 0.9, dampening: 0.3 }),
  ],
  [
    'SGD with Nesterov momentum',
    (parameters) => new Sgd([{ parameters, learningRate: 0.1, weightDecay: 0.01 }], { momentum: 0.9, nesterov: true }),
  ],
];

/** Parameters of several ranks; their gradients pull them to targets that move with the step. */
function problem(create: (parameters: NamedParameter[]) => Optimizer) {
  const random = new RandomStream(7);
  const parameters = [[3, 4], [4], [4], [2, 2, 3, 5], []].map((shape, i): NamedParameter => {
    const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal());
    return [`p${i}`, new Parameter(tf.tensor(values, shape))];
  });
  const optimizer = create(parameters);
  const schedule = oneCycle({ totalSteps: steps, momentum: null });
  let step = 0;
  const update = (shift: tf.Tensor): { first: tf.Tensor } => {
    const gradients = new Map(parameters.map(([, p]) => [p, tf.mul(tf.sub(p.variable, shift), tf.add(shift, 0.5))]));
    optimizer.step(gradients, () => schedule(step++));
    return { first: tf.clone(parameters[0][1].variable) };
  };
  const dispose = (): void => {
    optimizer.dispose();
    for (const [, parameter] of parameters) parameter.dispose();
  };
  return { parameters, optimizer, update, dispose };
}

describe('a compiled step of an optimiser', () => {
  for (const [title, create] of cases) {
    test(`${title}: equals eager steps, and its state goes on eagerly`, async () => {
      const eager = problem(create);
      const compiled = problem(create);
      const step = compile(compiled.update);
      for (let i = 0; i < steps; i++) {
        const shift = tf.scalar(Math.sin(i));
        const expected = tf.tidy(() => eager.update(shift).first);
        const actual = step(shift).first;
        expectClose(actual.dataSync(), expected.dataSync(), { relative: 1e-6, absolute: 1e-6 });
        tf.dispose([shift, expected, actual]);
      }
      const states = await Promise.all([eager, compiled].map(({ optimizer }) => optimizer.exportState()));
      expect([...states[1].keys()]).toEqual([...states[0].keys()]);
      for (const [name, { data }] of states[0]) {
        expectClose([...(states[1].get(name)?.data ?? [])].map(Number), [...data].map(Number), {
          relative: 1e-5,
          absolute: 1e-6,
        });
      }
      step.dispose();
      eager.dispose();
      compiled.dispose();
    });
  }
});
