import { Adam, AdamW, compile, type Gradients, Parameter, Sgd } from '@ltml/tensor';
import type { NamedParameter, Optimizer } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { PreparedRow, SpeedRow } from '../../../packages/tensor/bench/row.ts';
import { resnet50Shapes } from './resnet50-shapes.ts';

const shapes = resnet50Shapes();

/** One update of all parameters of ResNet-50 from given gradients: run eagerly and compiled. */
export const optimizerRows: readonly SpeedRow[] = [
  ...optimizerRow(
    'AdamW',
    (parameters) => new AdamW([{ parameters, learningRate: 1e-3, weightDecay: 0.01 }]),
    'torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.01)',
  ),
  ...optimizerRow(
    'Adam',
    (parameters) => new Adam([{ parameters, learningRate: 1e-3 }]),
    'torch.optim.Adam(parameters, lr=1e-3)',
  ),
  ...optimizerRow(
    'SGD momentum',
    (parameters) => new Sgd([{ parameters, learningRate: 0.02, weightDecay: 1e-4 }], { momentum: 0.9 }),
    'torch.optim.SGD(parameters, lr=0.02, momentum=0.9, weight_decay=1e-4)',
  ),
];

function optimizerRow(
  name: string,
  create: (parameters: readonly NamedParameter[]) => Optimizer,
  torchOptimizer: string,
): SpeedRow[] {
  const torch = `
shapes = ${JSON.stringify([...shapes.values()])}
parameters = [torch.nn.Parameter(torch.randn(shape)) for shape in shapes]
for parameter in parameters:
    parameter.grad = torch.randn_like(parameter)
optimizer = ${torchOptimizer}
def run():
    optimizer.step()
`;
  const full = `${name} step, ${shapes.size} tensors of ResNet-50`;
  return [
    { name: full, torch, prepare: () => prepareStep(create, false) },
    { name: `${full}, compiled`, torch, prepare: () => prepareStep(create, true) },
  ];
}

function prepareStep(create: (parameters: readonly NamedParameter[]) => Optimizer, compiled: boolean): PreparedRow {
  const named = [...shapes].map(
    ([name, shape]): NamedParameter => [name, new Parameter(tf.randomNormal([...shape], 0, 1, 'float32', 1))],
  );
  // Variables, because a compiled step can read large values from variables only.
  const gradients: Gradients = new Map(
    named.map(([, parameter]) => [parameter, tf.variable(tf.randomNormal(parameter.shape, 0, 1, 'float32', 2), false)]),
  );
  const optimizer = create(named);
  const last = named[named.length - 1][1];
  const update = (): { done: tf.Tensor } => {
    optimizer.step(gradients);
    return { done: tf.slice(last.variable, [0], [1]) };
  };
  const step = compiled ? compile(update, { name: 'optimizer step' }) : Object.assign(update, { dispose: () => {} });
  return {
    // Read the last parameter, so that an asynchronous engine has finished.
    async run() {
      const { done } = step();
      await done.data();
      done.dispose();
    },
    dispose() {
      step.dispose();
      optimizer.dispose();
      tf.dispose([...gradients.values()]);
      for (const [, parameter] of named) parameter.dispose();
    },
  };
}
