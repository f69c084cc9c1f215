import { l2Normalize, RandomStream } from '@ltml/tensor';
import { addToBank, emptyBank, patchClasses, piaaScore } from '@ltml/training-free';
import * as tf from '@tensorflow/tfjs-core';
import type { SpeedRow } from '../../tensor/bench/row.ts';

/** Images, patches of ViT-B/16 at 224 pixels, features, classes of COCO, kept patches per class. */
const [B, N, D, C, k] = [16, 196, 512, 80, 512];

/** PIAA's scores from given patches. */
const score: SpeedRow = {
  name: `PIAA's scores [${B}, ${N}, ${D}] of ${C} classes`,
  images: B,
  prepare() {
    const random = new RandomStream(1);
    const image = { features: normal<tf.Rank.R2>([B, D], random), patches: normal<tf.Rank.R3>([B, N, D], random) };
    const text = tf.tidy(() => l2Normalize(normal<tf.Rank.R2>([C, D], random)) as tf.Tensor2D);
    const classes = { text, weight: normal<tf.Rank.R2>([D, C], random), bias: normal<tf.Rank.R1>([C], random) };
    return {
      async run() {
        const scores = tf.tidy(() => piaaScore(image, classes, { imageScale: 80, patchScale: 400 }).score);
        await scores.data();
        scores.dispose();
      },
      dispose: () => tf.dispose([image, classes]),
    };
  },
  torch: `
torch.manual_seed(1)
features, patches = torch.randn(${B}, ${D}), torch.randn(${B}, ${N}, ${D})
normalize = torch.nn.functional.normalize
text, weight, bias = normalize(torch.randn(${C}, ${D}), dim=-1), torch.randn(${D}, ${C}), torch.randn(${C})
def run():
    with torch.no_grad():
        local = torch.softmax((normalize(patches, dim=-1) @ weight + bias) / 500, -1).amax(1)
        whole = normalize(features, dim=-1) @ text.t()
        return (0.1 * torch.softmax(80 * whole, -1) + 0.9 * torch.softmax(400 * local, -1)).sum().item()
`,
};

/** Adding a batch to a full bank, which is the usual case. */
const gather: SpeedRow = {
  name: `PIAA's bank of ${C} × ${k} patches, ${B} images more`,
  images: B,
  async prepare() {
    const random = new RandomStream(2);
    const patches = normal<tf.Rank.R2>([B * N, D], random);
    const text = tf.tidy(() => l2Normalize(normal<tf.Rank.R2>([C, D], random)) as tf.Tensor2D);
    const empty = emptyBank(C, k, D);
    const bank = { ...empty, entropies: tf.ones<tf.Rank.R2>([C, k]), weights: tf.ones<tf.Rank.R2>([C, k]) };
    tf.dispose([empty.entropies, empty.weights]);
    return {
      async run() {
        const next = tf.tidy(() => addToBank(bank, patchClasses(patches, text)));
        await next.weights.data();
        tf.dispose(next);
      },
      dispose: () => tf.dispose([patches, text, bank]),
    };
  },
  torch: `
torch.manual_seed(2)
patches = torch.randn(${B * N}, ${D})
normalize = torch.nn.functional.normalize
text = normalize(torch.randn(${C}, ${D}), dim=-1)
bank, weights, entropies = torch.zeros(${C}, ${k}, ${D}), torch.ones(${C}, ${k}), torch.ones(${C}, ${k})
def run():
    with torch.no_grad():
        unit = normalize(patches, dim=-1)
        cosines = unit @ text.t()
        p = torch.softmax(60 * cosines, -1)
        h = -(p * p.clamp_min(1e-10).log()).sum(-1)
        own = cosines.argmax(-1)
        out = torch.empty_like(bank)
        total = 0.0
        for c in range(${C}):
            rows = (own == c).nonzero().squeeze(1)
            order = torch.cat([entropies[c], h[rows]]).topk(${k}, largest=False).indices
            out[c] = torch.cat([bank[c], unit[rows]])[order]
            total += torch.cat([weights[c], p[rows, c]])[order].sum().item()
        return total
`,
};

function normal<R extends tf.Rank>(shape: tf.ShapeMap[R], random: RandomStream): tf.Tensor<R> {
  const size = (shape as readonly number[]).reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  );
}

export const trainingFreeRows: readonly SpeedRow[] = [score, gather];
