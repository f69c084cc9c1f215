import {
  asymmetricLoss,
  asymmetricLossSingleLabel,
  balancedSoftmax,
  binaryCrossEntropy,
  type ClassFrequencies,
  distributionBalancedLoss,
  focalLoss,
  hillLoss,
  kPositiveCrossEntropy,
  ladeLoss,
  ldamLoss,
  logitAdjustment,
  multiGrainedFocal,
  multiLabelSoftMargin,
  type PresetName,
  partialBinaryCrossEntropy,
  partialSelectiveLoss,
  presets,
  rankingLoss,
  splcLoss,
  twoWayLoss,
} from '@ltml/losses';
import { compile, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { torchRanking } from '../../../packages/losses/bench/torch-ranking.ts';
import type { PreparedRow, SpeedRow } from '../../../packages/tensor/bench/row.ts';

/** A typical training batch: a few positives per image, and long-tailed class counts. */
interface Inputs {
  readonly logits: tf.Tensor2D;
  readonly labels: tf.Tensor2D;
  /** [B, C] about half of the labels are known. */
  readonly known: tf.Tensor2D;
  readonly statistics: ClassFrequencies;
}

interface LossRow {
  readonly name: string;
  loss(logits: tf.Tensor2D, labels: tf.Tensor2D, known: tf.Tensor2D, statistics: ClassFrequencies): tf.Scalar;
  /** The same loss in PyTorch, as an expression of `x`, `y`, `known`, `n` and `N`. */
  readonly torch: string;
}

const shapes = [
  [32, 80],
  [64, 1000],
  [64, 7186],
] as const;

const trainCount = 10_000;

/** Weights and regularised logits in PyTorch, from the class counts `n` [C] of `N` images. */
const torchParts = `
rate = lambda y: (y / n).sum(1, keepdim=True)
def rebalance(y, mu):
    r = (1 / n) / rate(y)
    return torch.sigmoid(10 * (r - mu)) + 0.1
def effective(m, beta=0.9):
    return (1 - beta) / (1 - beta ** m)
def cb(y):
    return (y * effective(n)).sum(1, keepdim=True) / y.sum(1, keepdim=True)
nu = 0.05 * torch.log(N / n - 1)
bce = torch.nn.functional.binary_cross_entropy_with_logits
def negative_tolerant(x, y):
    z = x - nu
    return torch.where(y > 0, z, 2 * z), torch.where(y > 0, 1.0, 0.5)
def focus(entropy, w):
    pt = torch.exp(-entropy)
    return 2 * ((1 - pt) ** 2 * w * entropy).mean()
def entries(x, y):
    return bce(x, y, reduction='none')
`;

function preset(name: PresetName, torch: string): LossRow {
  return {
    name,
    loss: (x, y, _known, statistics) => distributionBalancedLoss(x, y, statistics, presets.cocoMlt[name]),
    torch,
  };
}

const losses: readonly LossRow[] = [
  {
    name: 'binary cross-entropy',
    loss: (x, y) => binaryCrossEntropy(x, y),
    torch: 'bce(x, y)',
  },
  {
    name: 'partial binary cross-entropy',
    loss: (x, y, known) => partialBinaryCrossEntropy(x, y, { known }),
    torch: '(entries(x, y) * known).sum() / known.sum()',
  },
  {
    name: 'multi-label soft margin',
    loss: (x, y) => multiLabelSoftMargin(x, y),
    torch: 'torch.nn.functional.multilabel_soft_margin_loss(x, y)',
  },
  {
    name: 'focal',
    loss: (x, y) => focalLoss(x, y),
    torch: 'focus(entries(x, y), 0.125)',
  },
  preset('RW', 'bce(x, y, weight=(N / n).sqrt().expand_as(x))'),
  preset('CB-Focal', 'focus(entries(x, y), cb(y))'),
  preset('R-BCE', 'bce(x, y, weight=rebalance(y, 0.2))'),
  preset('NTR-Focal', 'focus(entries(negative_tolerant(x, y)[0], y), negative_tolerant(x, y)[1])'),
  preset('DB', '(lambda z, s: bce(z, y, weight=rebalance(y, 0.2) * s))(*negative_tolerant(x, y))'),
  preset('DB-Focal', '(lambda z, s: focus(entries(z, y), rebalance(y, 0.2) * s))(*negative_tolerant(x, y))'),
  {
    name: 'asymmetric',
    loss: (x, y) => asymmetricLoss(x, y),
    torch: `asymmetric(x, y)
def asymmetric(x, y):
    p = torch.sigmoid(x)
    q = (1 - p + 0.05).clamp(max=1)
    base = y * torch.log(p.clamp(min=1e-8)) + (1 - y) * torch.log(q.clamp(min=1e-8))
    with torch.no_grad():
        factor = (1 - p * y - q * (1 - y)) ** (y + 4 * (1 - y))
    return -(base * factor).sum()`,
  },
  {
    name: 'asymmetric single-label',
    loss: (x, y) => asymmetricLossSingleLabel(x, y),
    torch: `single_label(x, y)
def single_label(x, y):
    log = torch.log_softmax(x, 1)
    p = torch.exp(log)
    factor = (1 - p * y - (1 - p) * (1 - y)) ** (4 * (1 - y))
    return -((y * 0.9 + 0.1 / x.shape[1]) * factor * log).sum(1).mean()`,
  },
  {
    name: 'k-positive cross-entropy',
    loss: (x, y) => kPositiveCrossEntropy(x, y),
    torch: '-(y / y.sum(1, keepdim=True) * torch.log_softmax(x, 1)).mean()',
  },
  {
    name: 'LDAM',
    loss: (x, y, _known, statistics) => ldamLoss(x, y, statistics),
    torch: 'bce(x - y * 0.5 * (n.min() / n) ** 0.25, y)',
  },
  {
    name: 'logit-adjusted cross-entropy',
    loss: (x, y, _known, statistics) => binaryCrossEntropy(logitAdjustment(x, statistics), y),
    torch: 'bce(x - torch.log(N / n - 1), y)',
  },
  {
    name: 'ranking',
    loss: (x, y) => rankingLoss(x, y),
    torch: `ranking(x, y)\n${torchRanking}`,
  },
  {
    name: 'two-way',
    loss: (x, y) => twoWayLoss(x, y),
    torch: `two_way(x, y, 0) + two_way(x, y, 1)
def two_way(x, y, axis):
    low = torch.logsumexp(x.masked_fill(y > 0, float('-inf')), axis)
    high = torch.logsumexp((-x / 4).masked_fill(y == 0, float('-inf')), axis) * 4
    return torch.nn.functional.softplus(low + high)[(y > 0).any(axis)].mean()`,
  },
  {
    name: 'Hill',
    loss: (x, y) => hillLoss(x, y),
    torch: `hill(x, y)
def hill(x, y):
    p = torch.sigmoid(x)
    q = torch.sigmoid(x - 1)
    positive = y * (1 - q) ** 2 * torch.nn.functional.logsigmoid(x - 1)
    return -(positive + (1 - y) * -(1.5 - p) * p ** 2).sum()`,
  },
  {
    name: 'SPLC',
    loss: (x, y) => splcLoss(x, y, { epoch: 1 }),
    torch: `splc(x, y)
def splc(x, y):
    z = x - y
    with torch.no_grad():
        t = torch.where(torch.sigmoid(z) > 0.6, 1.0, y)
    p = torch.sigmoid(z)
    pt = t * (1 - p) + (1 - t) * p
    log = t * torch.nn.functional.logsigmoid(z) + (1 - t) * torch.nn.functional.logsigmoid(-z)
    return -(pt ** 2 * log).sum()`,
  },
  {
    name: 'selective',
    loss: (x, y, known) => partialSelectiveLoss(x, y, { known, mode: 'selective', gammaUnknown: 4 }),
    torch: `selective(x, y, known)
def selective(x, y, known):
    p, q = torch.sigmoid(x), torch.sigmoid(-x)
    positive, negative, unknown = y * known, (1 - y) * known, 1 - known
    base = positive * torch.log(p.clamp(min=1e-8)) + (1 - positive) * torch.log(q.clamp(min=1e-8))
    with torch.no_grad():
        factor = (1 - positive * p - (1 - positive) * q) ** (negative + 4 * unknown)
        likely = torch.topk((x - 1e9 * known).flatten(), 5 * x.shape[0])[1]
        omega = torch.ones(x.numel())
        omega[likely] = 0
        omega = torch.maximum(omega.view_as(x), known)
    return -(omega * factor * base).sum()`,
  },
  {
    name: 'multi-grained focal',
    loss: (x, y, _known, statistics) => multiGrainedFocal(x, y, statistics),
    torch: `multi_grained(x, y)
def multi_grained(x, y):
    w = (1 - torch.log(n / n.max())) ** (1 / 6)
    p = torch.sigmoid(x)
    q = (1 - p + 0.05).clamp(max=1)
    base = y * torch.log(p.clamp(min=1e-8)) + (1 - y) * torch.log(q.clamp(min=1e-8))
    with torch.no_grad():
        factor = (1 - p * y - q * (1 - y)) ** ((4 + w) * (1 - y))
    return -(w * base * factor).sum()`,
  },
  {
    name: 'balanced softmax',
    loss: (x, y, _known, statistics) => balancedSoftmax(x, y, statistics),
    torch: '-(y / y.sum(1, keepdim=True) * torch.log_softmax(x + n.log(), 1)).sum(1).mean()',
  },
  {
    name: 'LADE',
    loss: (x, y, _known, statistics) => ladeLoss(x, y, statistics),
    torch: `lade(x, y)
import math
def lade(x, y):
    share = n / n.sum()
    entropy = -(y / y.sum(1, keepdim=True) * torch.log_softmax(x + torch.log(share + 1e-9), 1)).sum(1).mean()
    own = (y * x).sum(0) / (y.sum(0) + 1e-8)
    s = torch.logsumexp(x - torch.log(share + 1e-9) + math.log(1 / C + 1e-9), 0) - math.log(B)
    return entropy - 0.1 * (share * (own - s - 0.1 * s ** 2)).sum()`,
  },
];

const pairs = losses.flatMap((loss) =>
  shapes.map((shape) => ({ eager: lossRow(loss, shape, false), compiled: lossRow(loss, shape, true) })),
);

/** Forward and backward pass of every loss: run eagerly and compiled. */
export const lossRows: readonly SpeedRow[] = pairs.flatMap(({ eager, compiled }) => [eager, compiled]);

/** The compiled ones of {@link lossRows}. */
export const compiledLossRows: readonly SpeedRow[] = pairs.map(({ compiled }) => compiled);

function lossRow(row: LossRow, shape: readonly [number, number], compiled: boolean): SpeedRow {
  const { name, loss, torch } = row;
  const [expression, ...definitions] = torch.split('\n');
  return {
    name: `${name} [${shape.join(', ')}]${compiled ? ', compiled' : ''}`,
    prepare: () => prepareLoss(loss, shape, compiled),
    torch: `
torch.manual_seed(1)
B, C = ${shape.join(', ')}
N = ${trainCount}.0
n = torch.tensor(${JSON.stringify(counts(8))} * (C // 8 + 1)).float()[:C]
x = torch.randn(B, C) * 3
x.requires_grad_()
y = torch.zeros(B, C)
y[torch.arange(B).repeat_interleave(3), torch.randint(0, C, (3 * B,))] = 1
known = (torch.rand(B, C) < 0.5).float()
${torchParts}
${definitions.join('\n')}
def run():
    x.grad = None
    loss = ${expression}
    loss.backward()
    return loss
`,
  };
}

function prepareLoss(loss: LossRow['loss'], [B, C]: readonly [number, number], compiled: boolean): PreparedRow {
  const { logits, labels, known, statistics } = makeInputs(B, C);
  const forwardBackward = (x: tf.Tensor2D, y: tf.Tensor2D, k: tf.Tensor2D): { value: tf.Tensor; grad: tf.Tensor } =>
    tf.valueAndGrad((scores) => loss(scores as tf.Tensor2D, y, k, statistics))(x);
  const step = compiled
    ? compile(forwardBackward, { name: 'loss' })
    : Object.assign(forwardBackward, { traceMs: undefined, dispose: () => undefined });
  return {
    async run() {
      const { value, grad } = step(logits, labels, known);
      await value.data();
      tf.dispose([value, grad]);
    },
    ...(compiled && { traceMs: () => step.traceMs ?? 0 }),
    dispose() {
      step.dispose();
      tf.dispose([logits, labels, known]);
    },
  };
}

function makeInputs(B: number, C: number): Inputs {
  const random = new RandomStream(1);
  const labels = new Float32Array(B * C);
  for (let b = 0; b < B; b++) for (let k = 0; k < 3; k++) labels[b * C + random.integer(C)] = 1;
  const known = Float32Array.from({ length: B * C }, () => random.integer(2));
  return {
    logits: tf.tensor2d(
      Float32Array.from({ length: B * C }, () => random.normal(0, 3)),
      [B, C],
    ),
    labels: tf.tensor2d(labels, [B, C]),
    known: tf.tensor2d(known, [B, C]),
    statistics: { trainCount, classCounts: counts(C) },
  };
}

/** Class counts from 4000 down to 4, repeated every 8 classes. */
function counts(C: number): number[] {
  return Array.from({ length: C }, (_, c) => Math.round(4000 / 1000 ** ((c % 8) / 7)));
}
