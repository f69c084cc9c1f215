import { type BottleneckShape, bottleneckResNet, ClipVisionTransformer, VisionTransformer } from '@ltml/backbone';
import { classifier, classifierConfigSchema } from '@ltml/classifier';
import { distributionBalancedLoss, presets } from '@ltml/losses';
import { mkt, mktConfigSchema } from '@ltml/mkt';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import type { Learner } from '@ltml/tensor/contract';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { type CprflSizes, createCprflRows } from '../../../packages/cprfl/bench/speed.ts';
import { createDsclStepRows, type DsclSizes } from '../../../packages/dscl/bench/speed.ts';
import { createSarbRows, type SarbSizes } from '../../../packages/sarb/bench/speed.ts';
import { prepareLearnerStep } from '../../../packages/tensor/bench/learner-step.ts';
import type { PreparedRow, SpeedRow } from '../../../packages/tensor/bench/row.ts';
import type { StepEncoder } from '../../../packages/tensor/bench/step-encoder.ts';
import { resnet101, vitB16 } from './encoders.ts';
import { torchTrunk, torchVit, type VitSizes } from './torch-networks.ts';

interface Images {
  readonly image: number;
  readonly batch: number;
  readonly classes: number;
}

type SarbHead = Pick<SarbSizes, 'features' | 'innerFeatures' | 'prototypes'>;
type CprflHead = Pick<CprflSizes, 'embedding' | 'width' | 'heads' | 'headWidth' | 'hiddenWidth'>;
type DsclViews = Pick<DsclSizes, 'patches' | 'patchSize' | 'queue' | 'dimension'>;

/** Sizes of networks and batches. */
export interface StepSizes {
  readonly sarb: Images & { readonly shape: BottleneckShape; readonly head: SarbHead };
  readonly cprfl: Images & { readonly shape: BottleneckShape; readonly head: CprflHead };
  readonly mkt: Images & { readonly vit: VitSizes; readonly embedding: number; readonly topK: number };
  readonly dscl: Images & { readonly shape: BottleneckShape; readonly views: DsclViews };
  readonly balanced: Images & { readonly shape: BottleneckShape };
}

/**
 * Training steps of whole networks at published sizes (forward, loss, backward, update): run eagerly and compiled.
 * CPRFL has a quarter of its published batch of 32, and DSCL an eighth of its 256. The published batches would take 30
 * and 60 GB.
 */
export const stepRows: readonly SpeedRow[] = createStepRows({
  sarb: {
    ...{ shape: resnet101, image: 448, batch: 16, classes: 80 },
    head: { features: 1024, innerFeatures: 512, prototypes: 10 },
  },
  cprfl: {
    ...{ shape: resnet101, image: 448, batch: 8, classes: 80 },
    head: { embedding: 1024, width: 2048, heads: 8, headWidth: 512, hiddenWidth: 2048 },
  },
  mkt: { vit: vitB16, image: 224, batch: 32, classes: 925, embedding: 512, topK: 18 },
  dscl: {
    ...{ shape: { ...resnet101, blocks: [3, 4, 6, 3] }, image: 224, batch: 32, classes: 1000 },
    views: { patches: 5, patchSize: 64, queue: 65_536, dimension: 128 },
  },
  balanced: { shape: { ...resnet101, blocks: [3, 4, 6, 3] }, image: 224, batch: 32, classes: 80 },
});

export function createStepRows({ sarb, cprfl, mkt, dscl, balanced }: StepSizes): SpeedRow[] {
  const channels = (shape: BottleneckShape): number => 4 * (shape.planes.at(-1) as number);
  const side = (image: number): number => Math.ceil(image / 32);
  return [
    ...createSarbRows(
      {
        ...{ images: sarb.batch, side: side(sarb.image), channels: channels(sarb.shape), classes: sarb.classes },
        ...sarb.head,
      },
      {
        ...encoderOf(sarb),
        // All stages except the last are frozen, with their running statistics.
        torch: `${torchTrunk(sarb.shape)}
body = trunk()
rest, last = body[:4].eval(), body[4]
for parameter in rest.parameters(): parameter.requires_grad = False
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = last
    def forward(self, x):
        with torch.no_grad():
            x = rest(x)
        return self.last(x)
encoder = Encoder()`,
      },
    ),
    ...createCprflRows(
      {
        ...{ batch: cprfl.batch, tokens: side(cprfl.image) ** 2, channels: channels(cprfl.shape) },
        ...{ classes: cprfl.classes, ...cprfl.head },
      },
      { ...encoderOf(cprfl), torch: `${torchTrunk(cprfl.shape)}\nencoder = trunk()` },
    ),
    ...bothWays(`MKT step, ViT and its teacher, ${shapeOf(mkt)}`, torchMkt(mkt), () => mktLearner(mkt), mkt),
    ...createDsclStepRows(
      {
        ...{ batch: dscl.batch, classes: dscl.classes, channels: channels(dscl.shape), side: side(dscl.image) },
        ...dscl.views,
      },
      { ...encoderOf(dscl), torch: `${torchTrunk(dscl.shape)}\nencoder = trunk()` },
    ),
    ...bothWays(
      `Distribution-Balanced step, ResNet-${layersOf(balanced.shape)}, ${shapeOf(balanced)}`,
      torchBalanced(balanced),
      () => balancedLearner(balanced),
      balanced,
    ),
  ];
}

function layersOf({ blocks }: BottleneckShape): number {
  return 2 + 3 * blocks.reduce((sum, count) => sum + count, 0);
}

function shapeOf({ batch, image, classes }: Images): string {
  return `[${batch}, ${image}, ${image}, 3], ${classes} classes`;
}

function encoderOf({ shape, image }: { shape: BottleneckShape; image: number }): Omit<StepEncoder, 'torch'> {
  const name = `ResNet-${layersOf(shape)}`;
  return { name, image, create: (random) => bottleneckResNet(shape, { random }) };
}

function bothWays(name: string, torch: string, create: () => Learner, sizes: Images): SpeedRow[] {
  return [false, true].map((compiled) => ({
    name: compiled ? `${name}, compiled` : name,
    torch,
    prepare: () => prepareImages(create(), sizes, compiled),
  }));
}

/** Random images and labels. Each image has a known positive. */
function prepareImages(learner: Learner, { batch, image, classes }: Images, compiled: boolean): PreparedRow {
  const labels = tf.tidy(() => {
    const some = tf.cast(tf.greater(tf.randomUniform([batch, classes], 0, 1, 'float32', 3), 0.97), 'float32');
    return tf.maximum(some, tf.oneHot(tf.range(0, batch, 1, 'int32'), classes)) as tf.Tensor2D;
  });
  const inputs = tf.randomNormal([batch, image, image, 3], 0, 1, 'float32', 2);
  return prepareLearnerStep({
    learner,
    batch: { inputs, labels, known: tf.onesLike(labels) },
    context: onlyStep(new RandomStreams(1)),
    compiled,
  });
}

const namesOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);

function mktLearner({ vit, image, classes, embedding, topK }: StepSizes['mkt']): Learner {
  const { depth, ...sizes } = vit;
  const random = new RandomStream(1);
  const teacher = new ClipVisionTransformer({ ...sizes, layers: depth, imageSize: image, embedding }, random);
  const labels = tf.randomNormal<tf.Rank.R2>([classes, embedding], 0, 1, 'float32', 1);
  const task = { classes: namesOf(classes), statistics: { trainCount: 0, classCounts: [], cooccurrence: [] } };
  const parts = {
    features: vit.width,
    encoder: new VisionTransformer({ ...vit, imageSize: image }, random),
    teacher,
    classEmbeddings: labels,
  };
  const config = mktConfigSchema.parse({ topK, distil: { layerDecay: 1 }, prompt: { epochs: 0 } });
  const learner = mkt.create(task, parts, config, new RandomStreams(1));
  labels.dispose();
  const dispose = learner.dispose.bind(learner);
  // The learner does not dispose its teacher, so do it here.
  learner.dispose = () => {
    dispose();
    teacher.dispose();
  };
  return learner;
}

function torchMkt({ vit, image, batch, classes, embedding, topK }: StepSizes['mkt']): string {
  return `${torchVit(image, vit)}
normalize = nn.functional.normalize
student, teacher = Vit(), Vit().eval()
head = nn.Linear(${vit.width}, ${embedding}, bias=False)
local = nn.Sequential(nn.Linear(${vit.width}, ${embedding}), nn.Tanh(), nn.Linear(${embedding}, ${embedding}))
project = torch.randn(${vit.width}, ${embedding})
optimizer = torch.optim.AdamW([*student.parameters(), *head.parameters(), *local.parameters()], lr=1e-3)
labels = torch.randn(${classes}, ${embedding})
x = torch.randn(${batch}, 3, ${image}, ${image})
y = torch.maximum((torch.rand(${batch}, ${classes}) > 0.97).float(), torch.eye(${classes})[:${batch}])
def ranking(s):
    mask = y.unsqueeze(1) * (1 - y).unsqueeze(2)
    hinges = torch.clamp(mask * (1 + s.unsqueeze(2) - s.unsqueeze(1)), min=0)
    violations = torch.sign(hinges).sum((1, 2)).detach()
    return (hinges.sum((1, 2)) / (violations + 1e-8)).mean()
def run():
    optimizer.zero_grad()
    tokens = student(x)
    features, patches = head(tokens[:, 0]), local(tokens[:, 1:])
    with torch.no_grad():
        target = teacher(x)[:, 0] @ project
    l, g = (patches @ labels.T).topk(${topK}, dim=1).values.mean(1), features @ labels.T
    loss = ranking((normalize(l) + normalize(g)) / 2) + (features - target).abs().mean()
    loss.backward()
    optimizer.step()
    return loss.item()
`;
}

function balancedLearner({ shape, classes }: StepSizes['balanced']): Learner {
  const statistics = {
    trainCount: 10_000,
    classCounts: namesOf(classes).map((_, c) => 1 + Math.floor(2000 / (c + 1))),
    cooccurrence: namesOf(classes).map(() => namesOf(classes).map(() => 0)),
  };
  const encoder = bottleneckResNet(shape, { random: new RandomStream(1) });
  const criterion = (logits: tf.Tensor2D, labels: tf.Tensor2D, known: tf.Tensor2D): tf.Scalar =>
    distributionBalancedLoss(logits, labels, statistics, {
      ...presets.cocoMlt['DB-Focal'],
      known,
      reduction: 'mean',
    }) as tf.Scalar;
  const config = classifierConfigSchema.parse({ optimizer: { name: 'sgd', learningRate: 0.01, momentum: 0.9 } });
  const parts = { features: encoder.featureCount, encoder, criterion };
  return classifier.create({ classes: namesOf(classes), statistics }, parts, config, new RandomStreams(1));
}

/** As in our classifier by default, batch norms use their running statistics. */
function torchBalanced({ shape, image, batch, classes }: StepSizes['balanced']): string {
  return `${torchTrunk(shape)}
encoder, head = trunk().eval(), nn.Linear(${4 * (shape.planes.at(-1) as number)}, ${classes})
optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.01, momentum=0.9)
counts = 1 + 2000 // torch.arange(1, ${classes} + 1)
v = 0.05 * torch.log(10000 / counts - 1)
x = torch.randn(${batch}, 3, ${image}, ${image})
y = torch.maximum((torch.rand(${batch}, ${classes}) > 0.97).float(), torch.eye(${classes})[:${batch}])
def run():
    optimizer.zero_grad()
    z = head(encoder(x).mean((2, 3))) - v
    share = (1 / counts) / (y / counts).sum(1, keepdim=True)
    weight = 0.1 + torch.sigmoid(10 * (share - 0.2))
    scaled = torch.where(y == 1, z, 2 * z)
    p = torch.sigmoid(torch.where(y == 1, scaled, -scaled))
    bce = nn.functional.binary_cross_entropy_with_logits(scaled, y, reduction='none') * torch.where(y == 1, 1.0, 0.5)
    loss = (2 * (1 - p) ** 2 * weight * bce).mean()
    loss.backward()
    optimizer.step()
    return loss.item()
`;
}
