import { dscl, dsclConfigSchema, dsclLoss, type LabelledKeys, pbsdLoss } from '@ltml/dscl';
import { compile, RandomStream, RandomStreams } from '@ltml/tensor';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { prepareLearnerStep } from '../../tensor/bench/learner-step.ts';
import type { PreparedRow, SpeedRow } from '../../tensor/bench/row.ts';
import type { StepEncoder } from '../../tensor/bench/step-encoder.ts';

/** Sizes of the released script: images per batch, keys, features, classes, patches. */
const [B, K, D, C, L] = [256, 65_536, 128, 1000, 5] as const;

/** The inputs of the rows in PyTorch. */
const torchInputs = `
F = torch.nn.functional
unit = lambda *shape: F.normalize(torch.randn(*shape), dim=-1)
z, key, queue = unit(${B}, ${D}).requires_grad_(), unit(${B}, ${D}), unit(${K}, ${D})
y, queue_y = torch.randint(${C}, (${B},)), torch.randint(${C}, (${K},))
def logits(x):
    return torch.cat([(x * key).sum(1, keepdim=True), x @ queue.T], 1) / 0.07
`;

/** Losses with gradients at the sizes of the paper: run eagerly and compiled. */
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
    // One patch index after the other, as the released code does. All at once would need gigabytes.
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
    /** Other tensors, to dispose at the end. */
    readonly others: readonly tf.Tensor[];
    loss(x: tf.Tensor): tf.Tensor;
  };
  readonly torch: string;
}

function lossRow({ name, prepare, torch }: LossRow): SpeedRow[] {
  const prepareRow = (compiled: boolean): PreparedRow => {
    const { differentiated, others, loss } = prepare();
    // A variable, because a compiled step can read large values from variables only.
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

/** Sizes of a whole step: its batch and its queue. */
export interface DsclSizes {
  /** B */
  readonly batch: number;
  /** C */
  readonly classes: number;
  /** Channels of the encoder's feature map. */
  readonly channels: number;
  /** Height and width of the feature map for the query view. */
  readonly side: number;
  /** L, patches per image. */
  readonly patches: number;
  /** Side of a patch, in pixels. */
  readonly patchSize: number;
  /** K */
  readonly queue: number;
  /** D */
  readonly dimension: number;
}

/**
 * A training step of the first stage: two views and patches through two encoders, DSCL and PBSD over the queue, SGD.
 */
export function createDsclStepRows(sizes: DsclSizes, encoder: StepEncoder): SpeedRow[] {
  const { batch, classes, patches, patchSize } = sizes;
  const views = `[${batch}, ${encoder.image}, ${encoder.image}, 3] twice, ${patches} patches of ${patchSize}`;
  const name = `DSCL step with ${encoder.name}, ${views}, ${classes} classes`;
  const torch = torchStep(sizes, encoder);
  return [
    { name, torch, prepare: () => prepareStep(sizes, encoder, false) },
    { name: `${name}, compiled`, torch, prepare: () => prepareStep(sizes, encoder, true) },
  ];
}

function prepareStep(sizes: DsclSizes, encoder: StepEncoder, compiled: boolean): PreparedRow {
  const { batch, classes, channels, patches, patchSize, queue, dimension } = sizes;
  const { image } = encoder;
  const random = new RandomStream(1);
  const config = dsclConfigSchema.parse({
    ...{ dimension, viewSize: image, queue: { size: queue } },
    patches: { count: patches, size: patchSize },
  });
  const names = Array.from({ length: classes }, (_, c) => `${c}`);
  const task = { classes: names, statistics: { trainCount: 0, classCounts: [], cooccurrence: [] } };
  const parts = { features: channels, encoder: encoder.create(random), keyEncoder: encoder.create(random) };
  const own = Int32Array.from({ length: batch }, () => random.integer(classes));
  const drawn = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);
  const labels = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(own, 'int32'), classes), 'float32') as tf.Tensor2D);
  const boxes = tf.tidy(() => {
    const corners = tf.randomUniform([batch, patches, 2], 0, image / 2, 'float32', 4);
    return tf.concat([corners, tf.add(corners, image / 2)], 2);
  });
  return prepareLearnerStep({
    learner: dscl.create(task, parts, config, new RandomStreams(1)),
    batch: {
      inputs: {
        query: drawn([batch, image, image, 3], 1),
        key: drawn([batch, image, image, 3], 2),
        patches: drawn([batch, patches, patchSize, patchSize, 3], 3),
        boxes,
      },
      labels,
      known: tf.onesLike(labels),
    },
    context: onlyStep(new RandomStreams(1)),
    compiled,
  });
}

/**
 * The same step in PyTorch, as in the released code: one patch after the other, each with its own pass over the queue.
 */
function torchStep(
  { batch, classes, channels, side, patches, patchSize, queue, dimension }: DsclSizes,
  encoder: StepEncoder,
): string {
  return `${encoder.torch}
import copy
from torchvision.ops import roi_align
nn, F = torch.nn, torch.nn.functional
B, C, L, K, S = ${batch}, ${classes}, ${patches}, ${queue}, ${encoder.image}
class Projected(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Sequential(nn.Linear(${channels}, ${channels}), nn.ReLU(inplace=True), nn.Linear(${channels}, ${dimension}))
    def project(self, map):
        return F.normalize(self.head(map.mean((2, 3))), dim=1)
query = Projected()
key = copy.deepcopy(query).requires_grad_(False)
followers, leaders = list(key.parameters()), list(query.parameters())
optimizer = torch.optim.SGD(leaders, lr=1e-3, momentum=0.9, weight_decay=5e-4)
queue, queue_y = F.normalize(torch.randn(K, ${dimension}), dim=1), torch.randint(C, (K,))
first, second = torch.randn(2, B, 3, S, S)
crops = torch.randn(L, B, 3, ${patchSize}, ${patchSize})
corner = torch.rand(B * L, 2) * S / 2
rois = torch.cat([torch.arange(B).repeat_interleave(L)[:, None], corner, corner + S / 2], 1)
y, pointer = torch.randint(C, (B,)), 0
def logits(x, own):
    return torch.cat([(x * own).sum(1, keepdim=True), x @ queue.T], 1) / 0.07
def run():
    global pointer
    optimizer.zero_grad()
    map = query.encoder(first)
    z = query.project(map)
    with torch.no_grad():
        teachers = query.project(roi_align(map, rois, 2, ${side} / S)).view(B, L, -1)
    students = [query.project(query.encoder(crop)) for crop in crops]
    with torch.no_grad():
        torch._foreach_lerp_(followers, leaders, 0.001)
        own = key.project(key.encoder(second))
    positive = (y[:, None] == queue_y).float()
    weights = positive * (8 / 9) / positive.sum(1, keepdim=True).clamp(min=1)
    weights = torch.cat([torch.full((B, 1), 1 / 9), weights], 1)
    loss = -(weights * F.log_softmax(logits(z, own), 1)).sum(1).mean()
    for j in range(L):
        with torch.no_grad():
            target = F.softmax(logits(teachers[:, j], own), 1)
        loss = loss - 1.5 / L * (target * F.log_softmax(logits(students[j], own), 1)).sum(1).mean()
    loss.backward()
    optimizer.step()
    queue[pointer : pointer + B], queue_y[pointer : pointer + B] = own, y
    pointer = (pointer + B) % K
    return loss.item()
`;
}
