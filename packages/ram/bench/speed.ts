import { MatchingHead, matchScores } from '@ltml/ram';
import * as tf from '@tensorflow/tfjs-core';
import type { SpeedRow } from '../../tensor/bench/row.ts';

/** Images, places of ViT-B/16 at 224 pixels, features, classes of COCO. */
const [B, N, D, C] = [16, 196, 512, 80];

/** RAM's scores from given tokens, with at most 100 iterations of optimal transport. */
const score: SpeedRow = {
  name: `RAM's scores [${B}, ${N}, ${D}] of ${C} classes`,
  images: B,
  prepare() {
    const head = new MatchingHead();
    const image = {
      features: tf.randomNormal<tf.Rank.R2>([B, D], 0, 1, 'float32', 1),
      patches: tf.randomNormal<tf.Rank.R3>([B, N, D], 0, 1, 'float32', 2),
    };
    const texts = tf.randomNormal<tf.Rank.R2>([C, D], 0, 1, 'float32', 3);
    return {
      async run() {
        const scores = tf.tidy(() => matchScores(head.forward(image, texts)));
        await scores.data();
        scores.dispose();
      },
      dispose() {
        head.dispose();
        tf.dispose([image, texts]);
      },
    };
  },
  torch: `
normalize = torch.nn.functional.normalize
features, patches = normalize(torch.randn(${B}, ${D}), dim=-1), torch.randn(${B}, ${N}, ${D})
text = normalize(torch.randn(${C}, ${D}), dim=-1)
b = torch.full((${B}, ${C}, 1), 1 / ${C})

def run():
    with torch.no_grad():
        sim = normalize(patches, dim=-1) @ text.T
        k = torch.exp(-(1 - torch.softmax(100 * sim, -1)) / 0.1)
        a = torch.softmax(sim.amax(-1) / 0.1, -1).unsqueeze(-1)
        r, c = torch.ones_like(a), torch.ones_like(b)
        for _ in range(100):
            before = r
            r = a / (k @ c)
            c = b / (k.transpose(1, 2) @ r)
            if (r - before).abs().mean((1, 2)).max() < 1e-3:
                break
        local = (r * k * c.transpose(1, 2) * sim).sum(1) / 0.002
        return (0.5 * (torch.softmax(features @ text.T / 0.01, -1) + torch.softmax(local, -1))).sum().item()
`,
};

export const ramRows: readonly SpeedRow[] = [score];
