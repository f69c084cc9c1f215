import { semanticTransfer, transferConfigSchema } from '@ltml/sarb';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import { classStatistics } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import { prepareLearnerStep } from '../../tensor/bench/learner-step.ts';
import type { PreparedRow, SpeedRow } from '../../tensor/bench/row.ts';

/** How large the network and its batch are. */
export interface TransferSizes {
  /** B */
  readonly images: number;
  /** Side of the map. */
  readonly side: number;
  /** Channels of the map. */
  readonly channels: number;
  /** C */
  readonly classes: number;
  /** D */
  readonly features: number;
  readonly innerFeatures: number;
  readonly pairFeatures: number;
  readonly hiddenFeatures: number;
  /** K, features held of each class. */
  readonly queue: number;
}

const wordFeatures = 300;

/** A training step of SST on COCO that finds labels, with Adam, on feature maps: eagerly, and as a compiled step. */
export const transferRows: readonly SpeedRow[] = createTransferRows({
  images: 16,
  side: 7,
  channels: 2048,
  classes: 80,
  features: 1024,
  innerFeatures: 512,
  pairFeatures: 512,
  hiddenFeatures: 1024,
  queue: 100,
});

export function createTransferRows(sizes: TransferSizes): SpeedRow[] {
  const { images, side, channels, classes } = sizes;
  const name = `SST step, [${images}, ${side}, ${side}, ${channels}], ${classes} classes`;
  const torch = torchStep(sizes);
  return [
    { name, torch, prepare: () => prepareStep(sizes, false) },
    { name: `${name}, compiled`, torch, prepare: () => prepareStep(sizes, true) },
  ];
}

function prepareStep(sizes: TransferSizes, compiled: boolean): PreparedRow {
  const { images, side, channels, classes, features, innerFeatures, pairFeatures, hiddenFeatures, queue } = sizes;
  const random = new RandomStream(1);
  // A few positives an image; half of the labels known.
  const present = Uint8Array.from({ length: images * classes }, () => Number(random.uniform() < 0.04));
  const known = Float32Array.from(present, () => random.integer(2));
  const config = transferConfigSchema.parse({
    features,
    attention: { name: 'decoupling', innerFeatures },
    intra: { pairFeatures, hiddenFeatures },
    inter: { references: { name: 'queue', size: queue } },
  });
  const statistics = classStatistics({ rows: images, columns: classes, present });
  const task = { classes: Array.from({ length: classes }, (_, c) => `${c}`), statistics };
  const words = tf.randomNormal<tf.Rank.R2>([classes, wordFeatures], 0, 1, 'float32', 1);
  const learner = semanticTransfer.create(
    task,
    { features: channels, classEmbeddings: words },
    config,
    new RandomStreams(1),
  );
  const row = prepareLearnerStep({
    learner,
    batch: {
      inputs: tf.randomNormal([images, side, side, channels], 0, 1, 'float32', 1),
      labels: tf.tensor2d(Float32Array.from(present), [images, classes]),
      known: tf.tensor2d(known, [images, classes]),
    },
    context: {
      step: 5,
      totalSteps: 20,
      epoch: 5,
      epochs: 20,
      random: new RandomStreams(2),
      gather: <T>(rows: T) => rows,
    },
    compiled,
  });
  return {
    run: row.run,
    dispose() {
      row.dispose();
      words.dispose();
    },
  };
}

/**
 * The step as one would write it in PyTorch: as that of SARB, and the halves of the first layer over pairs applied to each
 * class once, the last layer folded into the weights of the pairs, and mean directions in place of all cosines.
 */
function torchStep(sizes: TransferSizes): string {
  const { images, side, channels, classes, features, innerFeatures, pairFeatures, hiddenFeatures, queue } = sizes;
  return `
nn, F = torch.nn, torch.nn.functional
torch.manual_seed(1)
B, L, C, D, d, H, K = ${[images, side * side, classes, features, pairFeatures, hiddenFeatures, queue].join(', ')}
first, second = torch.triu_indices(C, C, 1)
P = len(first)
class Transfer(nn.Module):
    def __init__(self):
        super().__init__()
        self.reduce, self.norm = nn.Linear(${channels}, D, bias=False), nn.BatchNorm1d(D)
        self.fc1, self.fc2 = nn.Linear(D, ${innerFeatures}, bias=False), nn.Linear(${wordFeatures}, ${innerFeatures}, bias=False)
        self.fc3, self.fc4 = nn.Linear(${innerFeatures}, ${innerFeatures}), nn.Linear(${innerFeatures}, 1)
        self.neighbours, self.nodes, self.candidate = nn.Linear(2 * D, 3 * D), nn.Linear(D, 2 * D), nn.Linear(D, D)
        self.out = nn.Linear(2 * D, D)
        self.weight, self.bias = nn.Parameter(torch.randn(C, D) / D ** 0.5), nn.Parameter(torch.zeros(C))
        self.pair1, self.pair2, self.pair3 = nn.Linear(D, d), nn.Linear(2 * d, H), nn.Linear(H, H)
        self.pairs, self.pair_bias = nn.Parameter(torch.randn(P, H) / H ** 0.5), nn.Parameter(torch.zeros(P))
    def features(self, x):
        m = self.norm(self.reduce(x).view(-1, D)).view(B, L, D)
        scores = torch.tanh(self.fc1(m).unsqueeze(2) * self.fc2(words)) @ (self.fc3.weight.T @ self.fc4.weight[0])
        return torch.softmax(scores, 1).transpose(1, 2) @ m
    def classify(self, f):
        h = f
        for _ in range(3):
            z, r, g = self.neighbours(torch.cat([adjacency @ h, adjacency.T @ h], 2)).chunk(3, 2)
            uz, ur = self.nodes(h).chunk(2, 2)
            g = torch.tanh(g + self.candidate(torch.sigmoid(r + ur) * h))
            h = h + torch.sigmoid(z + uz) * (g - h)
        return (torch.tanh(self.out(torch.cat([h, f], 2))) * self.weight).sum(2) + self.bias
    def occurs(self, f):
        g = self.pair1(f.transpose(0, 1))
        of_first, of_second = self.pair2.weight.chunk(2, 1)
        u, v = g @ of_first.T + self.pair2.bias, g @ of_second.T
        hidden = torch.relu(u[first] + v[second])
        scores = torch.bmm(hidden, (self.pairs @ self.pair3.weight).unsqueeze(2)).squeeze(2)
        return scores.T + self.pairs @ self.pair3.bias + self.pair_bias
def bce(s, y, k):
    return (F.binary_cross_entropy_with_logits(s, y, reduction='none') * k).sum() / k.sum().clamp(min=1)
def asymmetric(s, y, k):
    p = torch.sigmoid(s)
    q = (1 - p + 0.05).clamp(max=1)
    base = y * torch.log(p.clamp(min=1e-8)) + (1 - y) * torch.log(q.clamp(min=1e-8))
    with torch.no_grad():
        factor = (1 - p * y - q * (1 - y)) ** (2 - y)
    return -(base * factor * k).sum() / k.sum().clamp(min=1)
def negatives(terms, P):
    if P == 0: return terms
    chosen = terms[torch.randperm(len(terms))[:2 * P]]
    return torch.cat([chosen, terms.topk(min(P, len(terms))).values])
rows, columns = torch.triu_indices(B, B, 1)
def contrastive(f, y, k):
    unit = F.normalize(f, dim=2).transpose(0, 1)
    cosine = (unit @ unit.transpose(1, 2))[:, rows, columns].T
    label = k * (2 * y - 1)
    a, b = label[rows], label[columns]
    positive = 1 - cosine[(a == 1) & (b == 1)]
    P = len(positive)
    terms = torch.cat([positive, negatives(1 + cosine[(a == -1) & (b == -1)], P), negatives(1 + cosine[a * b == -1], P)])
    return terms.mean()
words = torch.randn(C, ${wordFeatures})
adjacency = torch.eye(C) + 0.05 * torch.rand(C, C)
queue, head = torch.randn(C, K, D), torch.zeros(C, dtype=torch.long)
x = torch.randn(B, L, ${channels})
y, known = (torch.rand(B, C) < 0.04).float(), (torch.rand(B, C) < 0.5).float()
model = Transfer()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-5, weight_decay=5e-4, fused=True)
place = torch.full((C, C), P)
place[first, second] = place[second, first] = torch.arange(P)
def run():
    optimizer.zero_grad()
    f = model.features(x)
    s = model.classify(f)
    pairs = model.occurs(f)
    loss = bce(s, y, known)
    loss = loss + 10 * asymmetric(pairs, (y * known)[:, first] * (y * known)[:, second], known[:, first] * known[:, second])
    with torch.no_grad():
        shown = y * known
        matrix = torch.cat([torch.sigmoid(pairs), torch.zeros(B, 1)], 1)[:, place]
        together = torch.bmm(shown.unsqueeze(1), matrix).squeeze(1) / (shown.sum(1, keepdim=True) - shown).clamp(min=1)
        alike = (F.normalize(f, dim=2) * F.normalize(queue, dim=2).mean(1)).sum(2)
        intra, inter = ((score > 0.95).float() * (1 - known) for score in (together, alike))
    loss = loss + bce(s, intra, intra) + bce(s, inter, inter) + 0.05 * contrastive(f, y, known)
    with torch.no_grad():
        for b, c in shown.nonzero().tolist():
            queue[c, head[c] % K] = f[b, c]
            head[c] += 1
    loss.backward()
    optimizer.step()
    return loss.item()
`;
}
