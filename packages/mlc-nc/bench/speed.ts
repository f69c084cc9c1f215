import { mlcNc, mlcNcConfigSchema } from '@ltml/mlc-nc';
import { RandomStreams } from '@ltml/tensor';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { prepareLearnerStep } from '../../tensor/bench/learner-step.ts';
import type { PreparedRow, SpeedRow } from '../../tensor/bench/row.ts';

/** Sizes of the head and its batches. */
export interface MlcNcSizes {
  /** Images in a batch. */
  readonly batch: number;
  /** Places (H · W) of a feature map. */
  readonly tokens: number;
  /** Channels of a feature map. */
  readonly channels: number;
  readonly classes: number;
  readonly width: number;
  readonly heads: number;
  readonly projection: number;
}

/** The published head on a ResNet at 224 × 224, with the classes of COCO. */
const published: MlcNcSizes = {
  batch: 64,
  tokens: 49,
  channels: 2048,
  classes: 80,
  width: 768,
  heads: 8,
  projection: 20,
};

/** Training steps of the head: forward, all three losses, backward, Adam; dropout as published. */
export const mlcNcRows: readonly SpeedRow[] = createMlcNcRows(published);

export function createMlcNcRows(sizes: MlcNcSizes): SpeedRow[] {
  const { batch, tokens, channels, classes } = sizes;
  const name = `MLC-NC head step, [${batch}, ${tokens}, ${channels}], ${classes} classes`;
  return [false, true].map((compiled) => ({
    name: compiled ? `${name}, compiled` : name,
    torch: torchStep(sizes),
    prepare: () => prepareHeadStep(sizes, compiled),
  }));
}

function torchStep(sizes: MlcNcSizes): string {
  return `
B, L, I, C, D = ${sizes.batch}, ${sizes.tokens}, ${sizes.channels}, ${sizes.classes}, ${sizes.width}
H, P = ${sizes.heads}, ${sizes.projection}
nn = torch.nn
F = nn.functional
frame = lambda rows: nn.init.orthogonal_(torch.empty(rows, C))
vectors, classifier = frame(D).T.contiguous(), frame(C * P)
prototypes = torch.randn(C, P)

class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(I, D)
        self.attention = nn.MultiheadAttention(D, H, dropout=0.1, batch_first=True)
        self.weight = nn.Parameter(torch.randn(C, D, P) * 0.05)
        self.bias = nn.Parameter(torch.zeros(C, P))
        self.temperature = nn.Parameter(torch.ones(1))

    def forward(self, x):
        tokens = F.relu(self.embed(x))
        h = self.attention(vectors.expand(B, C, D), tokens, tokens, need_weights=False)[0]
        z = F.normalize(torch.einsum('bcd,cdp->bcp', h, self.weight) + self.bias, dim=-1)
        return h, z, z.reshape(B, C * P) @ classifier * self.temperature

model = Head()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
x = torch.randn(B, L, I)
y = (torch.rand(B, C) > 0.9).float()

def two_way(x, y, axis):
    low = torch.logsumexp(x.masked_fill(y > 0, float('-inf')), axis)
    high = torch.logsumexp((-x / 4).masked_fill(y == 0, float('-inf')), axis) * 4
    return F.softplus(low + high)[(y > 0).any(axis)].mean()

def run():
    optimizer.zero_grad()
    h, z, logits = model(x)
    s = F.cosine_similarity(h, vectors, dim=-1)
    inside = torch.where(y > 0, (1 + s) / 2, 1 - (C - 1) / C * (1 / (C - 1) + s).abs())
    alignment = -torch.log(inside + 1e-6).mean()
    log = F.log_softmax(z @ F.normalize(prototypes, dim=-1).T / 0.5, -1)
    contrast = -(torch.diagonal(log, dim1=1, dim2=2) * y).sum() / y.sum()
    loss = two_way(logits, y, 0) + two_way(logits, y, 1) + 0.5 * alignment + 0.1 * contrast
    loss.backward()
    optimizer.step()
    return loss.item()
`;
}

function prepareHeadStep(sizes: MlcNcSizes, compiled: boolean): PreparedRow {
  const { batch, tokens, channels, classes, width, heads, projection } = sizes;
  const config = mlcNcConfigSchema.parse({ width, heads, projection, alignmentEpochs: 0 });
  const task = {
    classes: Array.from({ length: classes }, (_, i) => `${i}`),
    statistics: { trainCount: 0, classCounts: [], cooccurrence: [] },
  };
  const random = new RandomStreams(1);
  const learner = mlcNc.create(task, { features: channels }, config, random);
  const labels = tf.tidy(
    () => tf.cast(tf.greater(tf.randomUniform([batch, classes], 0, 1, 'float32', 3), 0.9), 'float32') as tf.Tensor2D,
  );
  const inputs = tf.randomNormal([batch, tokens, channels], 0, 1, 'float32', 2);
  return prepareLearnerStep({
    learner,
    batch: { inputs, labels, known: tf.onesLike(labels) },
    context: onlyStep(random),
    compiled,
  });
}
