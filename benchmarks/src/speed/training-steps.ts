import {
  AdamW,
  BatchNorm,
  type CompiledStep,
  Conv2d,
  compile,
  differentiate,
  disposeGradients,
  globalAveragePool,
  Linear,
  Module,
  RandomStream,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { PreparedRow, SpeedRow } from '../../../packages/tensor/bench/row.ts';

/** Number of outputs of the networks. */
export const stepClasses = 20;

/** Whole training steps (forward, backward, AdamW): run eagerly and compiled. */
export const trainingStepRows: readonly SpeedRow[] = [
  ...trainingStep('CNN step, 3 convolutions, [8, 64, 64, 3]', [8, 64, 64, 3], (random) => new SmallCnn(random), {
    module: `torch.nn.Sequential(
    torch.nn.Conv2d(3, 16, 3, 2, 1), torch.nn.ReLU(), torch.nn.Conv2d(16, 32, 3, 2, 1), torch.nn.ReLU(),
    torch.nn.Conv2d(32, 64, 3, 2, 1), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
    torch.nn.Linear(64, ${stepClasses}))`,
    input: '8, 3, 64, 64',
  }),
  ...trainingStep('ResNet-like step, 4 blocks, [16, 64, 64, 3]', [16, 64, 64, 3], (random) => new FourBlocks(random), {
    module: `torch.nn.Sequential(
    *[layer for i, o in [(3, 32), (32, 64), (64, 128), (128, 256)] for layer in (
        torch.nn.Conv2d(i, o, 3, 2, 1, bias=False), torch.nn.BatchNorm2d(o), torch.nn.ReLU())],
    torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(256, ${stepClasses}))`,
    input: '16, 3, 64, 64',
  }),
  ...trainingStep('MLP head step on features, [64, 512]', [64, 512], (random) => new Head(random), {
    module: `torch.nn.Sequential(torch.nn.Linear(512, 512), torch.nn.ReLU(), torch.nn.Linear(512, ${stepClasses}))`,
    input: '64, 512',
  }),
];

/** A network that gives logits [B, 20]. */
export interface Network extends Module {
  forward(x: tf.Tensor): tf.Tensor2D;
}

class SmallCnn extends Module implements Network {
  readonly convolutions: readonly Conv2d[];
  readonly head: Linear;

  constructor(random: RandomStream) {
    super();
    const widths = [3, 16, 32, 64];
    this.convolutions = [0, 1, 2].map(
      (i) =>
        new Conv2d({ inChannels: widths[i], outChannels: widths[i + 1], kernel: 3, stride: 2, padding: 1, random }),
    );
    this.head = new Linear({ inFeatures: 64, outFeatures: stepClasses, random });
  }

  forward(x: tf.Tensor): tf.Tensor2D {
    const features = this.convolutions.reduce((h, convolution) => tf.relu(convolution.forward(h)), x);
    return this.head.forward(globalAveragePool(features as tf.Tensor4D)) as tf.Tensor2D;
  }
}

class FourBlocks extends Module implements Network {
  readonly convolutions: readonly Conv2d[];
  readonly norms: readonly BatchNorm[];
  readonly head: Linear;

  constructor(random: RandomStream) {
    super();
    const widths = [3, 32, 64, 128, 256];
    const stages = [0, 1, 2, 3];
    const window = { kernel: 3, stride: 2, padding: 1, bias: false } as const;
    this.convolutions = stages.map(
      (i) => new Conv2d({ inChannels: widths[i], outChannels: widths[i + 1], ...window, random }),
    );
    this.norms = stages.map((i) => new BatchNorm({ channels: widths[i + 1] }));
    this.head = new Linear({ inFeatures: 256, outFeatures: stepClasses, random });
  }

  forward(x: tf.Tensor): tf.Tensor2D {
    const features = this.convolutions.reduce(
      (h, convolution, i) => tf.relu(this.norms[i].forward(convolution.forward(h))),
      x,
    );
    return this.head.forward(globalAveragePool(features as tf.Tensor4D)) as tf.Tensor2D;
  }
}

class Head extends Module implements Network {
  readonly hidden: Linear;
  readonly head: Linear;

  constructor(random: RandomStream) {
    super();
    this.hidden = new Linear({ inFeatures: 512, outFeatures: 512, random });
    this.head = new Linear({ inFeatures: 512, outFeatures: stepClasses, random });
  }

  forward(x: tf.Tensor): tf.Tensor2D {
    return this.head.forward(tf.relu(this.hidden.forward(x))) as tf.Tensor2D;
  }
}

interface TorchNetwork {
  readonly module: string;
  readonly input: string;
}

function trainingStep(
  name: string,
  inputShape: number[],
  create: (random: RandomStream) => Network,
  { module, input }: TorchNetwork,
): SpeedRow[] {
  const torch = `
model = ${module}
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0)
x = torch.randn(${input})
y = (torch.rand(${inputShape[0]}, ${stepClasses}) > 0.8).float()
def run():
    optimizer.zero_grad()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()
`;
  return [
    { name, torch, prepare: () => prepareStep(inputShape, create, false) },
    { name: `${name}, compiled`, torch, prepare: () => prepareStep(inputShape, create, true) },
  ];
}

/** A step of a network on random images: forward, backward and AdamW. */
export function prepareStep(
  shape: number[],
  create: (random: RandomStream) => Network,
  compiled: boolean,
): PreparedRow {
  const network = create(new RandomStream(1));
  const optimizer = new AdamW([{ parameters: [...network.namedParameters()], learningRate: 1e-3 }]);
  const parameters = [...network.namedParameters()].map(([, parameter]) => parameter);
  const x = tf.randomNormal(shape, 0, 1, 'float32', 1);
  const y = tf.tidy(() =>
    tf.cast(tf.greater(tf.randomUniform([shape[0], stepClasses], 0, 1, 'float32', 2), 0.8), 'float32'),
  );

  const train = (images: tf.Tensor, labels: tf.Tensor): { loss: tf.Scalar } => {
    const { loss, gradients } = differentiate(() => {
      const logits = network.forward(images);
      return { loss: tf.mean(tf.sub(tf.softplus(logits), tf.mul(logits, labels))) as tf.Scalar, terms: {} };
    }, parameters);
    optimizer.step(gradients);
    disposeGradients(gradients);
    return { loss };
  };
  const step: Pick<CompiledStep<[tf.Tensor, tf.Tensor], { loss: tf.Scalar }>, 'dispose' | 'traceMs'> & typeof train =
    compiled
      ? compile(train)
      : Object.assign((images: tf.Tensor, labels: tf.Tensor) => tf.tidy(() => train(images, labels)), {
          traceMs: 0,
          dispose: () => undefined,
        });
  return {
    async run() {
      const { loss } = step(x, y);
      await loss.data();
      loss.dispose();
    },
    ...(compiled && { traceMs: () => step.traceMs }),
    dispose() {
      step.dispose();
      optimizer.dispose();
      network.dispose();
      tf.dispose([x, y]);
    },
  };
}
