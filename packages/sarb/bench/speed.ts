import { sarb, sarbConfigSchema } from '@ltml/sarb';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import { classStatistics } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import { prepareLearnerStep } from '../../tensor/bench/learner-step.ts';
import type { PreparedRow, SpeedRow } from '../../tensor/bench/row.ts';
import { type StepEncoder, torchInput } from '../../tensor/bench/step-encoder.ts';

/** How large the network and its batch are. */
export interface SarbSizes {
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
  /** K */
  readonly prototypes: number;
}

const wordFeatures = 300;

/** A training step on COCO with blending and Adam, on feature maps: eagerly, and as a compiled step. */
export const sarbRows: readonly SpeedRow[] = createSarbRows({
  images: 16,
  side: 7,
  channels: 2048,
  classes: 80,
  features: 1024,
  innerFeatures: 512,
  prototypes: 10,
});

/** @param encoder trains too, as far as the method lets it */
export function createSarbRows(sizes: SarbSizes, encoder?: StepEncoder): SpeedRow[] {
  const { images, side, channels, classes } = sizes;
  const input = encoder ? `${encoder.image}, ${encoder.image}, 3` : `${side}, ${side}, ${channels}`;
  const name = `SARB step${encoder ? ` with ${encoder.name}` : ''}, [${images}, ${input}], ${classes} classes`;
  const torch = torchStep(sizes, encoder);
  return [
    { name, torch, prepare: () => prepareStep(sizes, false, encoder) },
    { name: `${name}, compiled`, torch, prepare: () => prepareStep(sizes, true, encoder) },
  ];
}

function prepareStep(sizes: SarbSizes, compiled: boolean, encoder: StepEncoder | undefined): PreparedRow {
  const { images, side, channels, classes, features, innerFeatures, prototypes } = sizes;
  const random = new RandomStream(1);
  // A few positives an image; half of the labels known.
  const present = Uint8Array.from({ length: images * classes }, () => Number(random.uniform() < 0.04));
  const known = Float32Array.from(present, () => random.integer(2));
  const config = sarbConfigSchema.parse({
    features,
    attention: { name: 'decoupling', innerFeatures },
    blending: { prototypes: { count: prototypes } },
  });
  const statistics = classStatistics({ rows: images, columns: classes, present });
  const task = { classes: Array.from({ length: classes }, (_, c) => `${c}`), statistics };
  const words = tf.randomNormal<tf.Rank.R2>([classes, wordFeatures], 0, 1, 'float32', 1);
  const learner = sarb.create(
    task,
    {
      features: channels,
      classEmbeddings: words,
      trainingSet: async function* () {},
      ...(encoder && { encoder: encoder.create(random) }),
    },
    config,
    new RandomStreams(1),
  );
  for (const [name, { variable }] of learner.namedBuffers()) {
    if (!name.startsWith('prototype')) continue;
    const fill =
      name === 'prototypes' ? tf.randomNormal(variable.shape, 0, 1, 'float32', 2) : tf.fill(variable.shape, prototypes);
    variable.assign(fill);
    fill.dispose();
  }
  const row = prepareLearnerStep({
    learner,
    batch: {
      inputs: tf.randomNormal(
        encoder ? [images, encoder.image, encoder.image, 3] : [images, side, side, channels],
        0,
        1,
        'float32',
        1,
      ),
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
 * The step as one would write it in PyTorch: W3 and w4 as one vector, no product of maps and classes but the tanh, the gates
 * of the graph network fused, one pass for all three views of the batch, fused Adam.
 */
function torchStep(
  { images, side, channels, classes, features, innerFeatures, prototypes }: SarbSizes,
  encoder: StepEncoder | undefined,
): string {
  return `
nn, F = torch.nn, torch.nn.functional
torch.manual_seed(1)
B, L, C, D, K = ${images}, ${side * side}, ${classes}, ${features}, ${prototypes}
class Sarb(nn.Module):
    def __init__(self):
        super().__init__()
        self.reduce, self.norm = nn.Linear(${channels}, D, bias=False), nn.BatchNorm1d(D)
        self.fc1, self.fc2 = nn.Linear(D, ${innerFeatures}, bias=False), nn.Linear(${wordFeatures}, ${innerFeatures}, bias=False)
        self.fc3, self.fc4 = nn.Linear(${innerFeatures}, ${innerFeatures}), nn.Linear(${innerFeatures}, 1)
        self.neighbours, self.nodes, self.candidate = nn.Linear(2 * D, 3 * D), nn.Linear(D, 2 * D), nn.Linear(D, D)
        self.out = nn.Linear(2 * D, D)
        self.weight, self.bias = nn.Parameter(torch.randn(C, D) / D ** 0.5), nn.Parameter(torch.zeros(C))
        self.alpha, self.beta = nn.Parameter(torch.tensor(0.5)), nn.Parameter(torch.tensor(0.5))
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
def bce(s, y, k):
    return (F.binary_cross_entropy_with_logits(s, y, reduction='none') * k).sum() / k.sum().clamp(min=1)
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
prototypes = torch.randn(C, K, D)
${torchInput(encoder, images, `B, L, ${channels}`)}
y, known = (torch.rand(B, C) < 0.04).float(), (torch.rand(B, C) < 0.5).float()
model = Sarb()
optimizer = torch.optim.Adam([*encoder_parameters, *model.parameters()], lr=1e-5, weight_decay=5e-4, fused=True)
def run():
    optimizer.zero_grad()
    with torch.no_grad():
        model.alpha.clamp_(0, 1)
        model.beta.clamp_(0, 1)
    f = model.features(encode(x))
    present = y * known
    share = (1 - known) * present.flip(0) * (1 - model.alpha)
    instances = f + share.unsqueeze(2) * (f.flip(0) - f)
    c = (torch.rand(B, C) * (1 - known)).argmax(1)
    one = F.one_hot(c, C).float() * (1 - model.beta)
    blended = f + one.unsqueeze(2) * (prototypes[c, torch.randint(0, K, (B,))].unsqueeze(1) - f)
    s = model.classify(torch.cat([f, instances, blended])).chunk(3)
    loss = bce(s[0], y, known) + bce(s[1], present + share, known + (share > 0)) + bce(s[2], present + one, known + (one > 0))
    loss = loss + 0.05 * contrastive(f, y, known)
    loss.backward()
    optimizer.step()
    return loss.item()
`;
}
