import { dsclLoss, type LabelledKeys, pbsdLoss } from '@ltml/dscl';
import { compile, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { PreparedRow, SpeedRow } from '../../../benchmarks/src/speed/row.ts';

/** The sizes of the released script: images a batch, keys, features, classes, patches. */
const [B, K, D, C, L] = [256, 65_536, 128, 1000, 5] as const;

/** The inputs of the rows, as one would make them in PyTorch. */
const torchInputs = `
F = torch.nn.functional
unit = lambda *shape: F.normalize(torch.randn(*shape), dim=-1)
z, key, queue = unit(${B}, ${D}).requires_grad_(), unit(${B}, ${D}), unit(${K}, ${D})
y, queue_y = torch.randint(${C}, (${B},)), torch.randint(${C}, (${K},))
def logits(x):
    return torch.cat([(x * key).sum(1, keepdim=True), x @ queue.T], 1) / 0.07
`;

/** Loss and gradient at the size of the paper: eagerly, and as a compiled step. */
export const dsclRows: readonly SpeedRow[] = [
  ...lossRow({
    name: `DSCL, batch ${B}, queue ${K} × ${D}`,
    prepare: () => {
      const { ownKeys, labels, queue } = batch();
      return {
        differentiated: unitVectors([B, D], 1),
        others: [ownKeys, labels, queue.keys, queue.labels],
        loss: (z) => tf.mean(dsclLoss(z as tf.Tensor2D, ownKeys, labels, queue)),
      };
    },
    torch: `${torchInputs}
def run():
    z.grad = None
    positive = (y[:, None] == queue_y).float()
    weights = positive * (8 / 9) / positive.sum(1, keepdim=True)
    weights = torch.cat([torch.full((${B}, 1), 1 / 9), weights], 1)
    loss = -(weights * F.log_softmax(logits(z), 1)).sum(1).mean()
    loss.backward()
`,
  }),
  ...lossRow({
    name: `PBSD, ${L} patches, batch ${B}, queue ${K} × ${D}`,
    prepare: () => {
      const { ownKeys, queue } = batch();
      const teachers = unitVectors([L, B, D], 5) as tf.Tensor3D;
      return {
        differentiated: unitVectors([L, B, D], 6),
        others: [ownKeys, queue.keys, teachers],
        loss: (s) => tf.mean(pbsdLoss({ teachers, students: s as tf.Tensor3D }, ownKeys, queue.keys)),
      };
    },
    // One patch index after the other, as the released code does: all at once would need gigabytes.
    torch: `${torchInputs}
c, s = unit(${L}, ${B}, ${D}), unit(${L}, ${B}, ${D}).requires_grad_()
def run():
    s.grad = None
    loss = 0
    for j in range(${L}):
        with torch.no_grad():
            target = F.softmax(logits(c[j]), 1)
        loss = loss - (target * F.log_softmax(logits(s[j]), 1)).sum(1).mean()
    (loss / ${L}).backward()
`,
  }),
];

interface LossRow {
  readonly name: string;
  prepare(): {
    readonly differentiated: tf.Tensor;
    /** What else is made, to be disposed of. */
    readonly others: readonly tf.Tensor[];
    loss(x: tf.Tensor): tf.Tensor;
  };
  readonly torch: string;
}

function lossRow({ name, prepare, torch }: LossRow): SpeedRow[] {
  const prepareRow = (compiled: boolean): PreparedRow => {
    const { differentiated, others, loss } = prepare();
    // In a variable, since a compiled step takes large values from nowhere else.
    const x = tf.variable(differentiated, false);
    const step = compile(
      () => {
        const { value, grad } = tf.valueAndGrad(loss)(x);
        return { value, grad };
      },
      { name, eager: !compiled },
    );
    return {
      async run() {
        const { value, grad } = step();
        await value.data();
        tf.dispose([value, grad]);
      },
      dispose() {
        step.dispose();
        tf.dispose([x, differentiated, ...others]);
      },
    };
  };
  return [
    { name: `${name}, eager`, torch, prepare: () => prepareRow(false) },
    { name: `${name}, compiled`, torch, prepare: () => prepareRow(true) },
  ];
}

function batch(): { ownKeys: tf.Tensor2D; labels: tf.Tensor1D; queue: LabelledKeys } {
  const random = new RandomStream(1);
  const classes = (count: number): tf.Tensor1D =>
    tf.variable(
      tf.tensor1d(
        Int32Array.from({ length: count }, () => random.integer(C)),
        'int32',
      ),
      false,
    ) as tf.Tensor1D;
  return {
    ownKeys: unitVectors([B, D], 2) as tf.Tensor2D,
    labels: classes(B),
    queue: { keys: unitVectors([K, D], 3) as tf.Tensor2D, labels: classes(K), classes: C },
  };
}

function unitVectors(shape: number[], seed: number): tf.Tensor {
  const vectors = tf.tidy(() => {
    const drawn = tf.randomNormal(shape, 0, 1, 'float32', seed);
    return tf.div(drawn, tf.norm(drawn, 2, -1, true));
  });
  return tf.variable(vectors, false);
}
