import { VisionTransformer } from '@ltml/backbone';
import { lift, liftConfigSchema } from '@ltml/lift';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { prepareLearnerStep } from '../../tensor/bench/learner-step.ts';
import type { PreparedRow, SpeedRow } from '../../tensor/bench/row.ts';

/** Sizes of the network and its batches. */
export interface LiftSizes {
  /** Images in a batch. */
  readonly batch: number;
  /** Side of an image, in pixels. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly classes: number;
  /** r, width inside an adapter. */
  readonly bottleneck: number;
}

/** A third of ViT-B/16, with the classes of ImageNet-LT. */
const published: LiftSizes = {
  ...{ batch: 4, imageSize: 224, patchSize: 16, width: 768, depth: 4, heads: 12, classes: 1000, bottleneck: 32 },
};

/** Training steps through frozen blocks with adapters: forward, logit-adjusted loss, backward, SGD. */
export const liftRows: readonly SpeedRow[] = createLiftRows(published);

export function createLiftRows(sizes: LiftSizes): SpeedRow[] {
  const { batch, imageSize, depth, classes } = sizes;
  const name = `LIFT step, ${batch} images of ${imageSize}, ${depth} blocks, ${classes} classes`;
  return [false, true].map((compiled) => ({
    name: compiled ? `${name}, compiled` : name,
    images: batch,
    torch: torchStep(sizes),
    prepare: () => prepareStep(sizes, compiled),
  }));
}

function torchStep(sizes: LiftSizes): string {
  const { batch, imageSize, patchSize, width, depth, heads, classes, bottleneck } = sizes;
  return `
nn = torch.nn
F = nn.functional
B, S, K, W, H, C, R = ${batch}, ${imageSize}, ${patchSize}, ${width}, ${heads}, ${classes}, ${bottleneck}

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2, self.ln = nn.LayerNorm(W, 1e-6), nn.LayerNorm(W, 1e-6), nn.LayerNorm(W)
        self.attn = nn.MultiheadAttention(W, H, batch_first=True)
        self.fc1, self.fc2 = nn.Linear(W, 4 * W), nn.Linear(4 * W, W)
        self.down, self.up, self.scale = nn.Linear(W, R), nn.Linear(R, W), nn.Parameter(torch.ones(1))
        for part in (self.norm1, self.norm2, self.attn, self.fc1, self.fc2):
            part.requires_grad_(False)

    def forward(self, x):
        y = self.norm1(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x)))) + self.scale * self.up(F.relu(self.down(self.ln(x))))

conv = nn.Conv2d(3, W, K, K).requires_grad_(False)
blocks = nn.ModuleList([Block() for _ in range(${depth})])
norm = nn.LayerNorm(W, 1e-6).requires_grad_(False)
head = nn.Parameter(torch.randn(C, W))
prior = torch.log(torch.full((C,), 1 / C))
parameters = [p for p in blocks.parameters() if p.requires_grad] + [head]
optimizer = torch.optim.SGD(parameters, lr=0.01, momentum=0.9, weight_decay=5e-4)
images, labels = torch.randn(B, 3, S, S), torch.randint(0, C, (B,))
token, positions = torch.randn(1, 1, W), torch.randn(1, 1 + (S // K) ** 2, W)

def run():
    optimizer.zero_grad()
    x = torch.cat([token.expand(B, 1, W), conv(images).flatten(2).transpose(1, 2)], 1) + positions
    for block in blocks:
        x = block(x)
    logits = 25 * F.normalize(norm(x)[:, 0], dim=-1) @ F.normalize(head, dim=-1).T
    loss = F.cross_entropy(logits + prior, labels)
    loss.backward()
    optimizer.step()
    return loss.item()
`;
}

function prepareStep(sizes: LiftSizes, compiled: boolean): PreparedRow {
  const { batch, imageSize, classes, bottleneck, patchSize, width, depth, heads } = sizes;
  const encoder = new VisionTransformer({ imageSize, patchSize, width, depth, heads }, new RandomStream(1));
  const task = {
    classes: Array.from({ length: classes }, (_, i) => `${i}`),
    statistics: { trainCount: classes, classCounts: new Array(classes).fill(1), cooccurrence: [] },
  };
  const config = liftConfigSchema.parse({ adapters: { bottleneck } });
  const random = new RandomStreams(1);
  const classEmbeddings = tf.randomNormal<tf.Rank.R2>([classes, width], 0, 1, 'float32', 4);
  const learner = lift.create(task, { features: width, encoder, classEmbeddings }, config, random);
  classEmbeddings.dispose();
  const labels = tf.tidy(() => {
    const own = tf.expandDims(tf.range(0, batch, 1, 'int32'), 1);
    return tf.cast(tf.equal(own, tf.range(0, classes, 1, 'int32')), 'float32') as tf.Tensor2D;
  });
  const inputs = tf.randomNormal([batch, imageSize, imageSize, 3], 0, 1, 'float32', 2);
  return prepareLearnerStep({
    learner,
    batch: { inputs, labels, known: tf.onesLike(labels) },
    context: onlyStep(random),
    compiled,
  });
}
