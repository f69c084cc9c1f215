import { cprfl, cprflConfigSchema } from '@ltml/cprfl';
import { RandomStreams } from '@ltml/tensor';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { prepareLearnerStep } from '../../tensor/bench/learner-step.ts';
import type { PreparedRow, SpeedRow } from '../../tensor/bench/row.ts';
import { type StepEncoder, torchInput } from '../../tensor/bench/step-encoder.ts';

/** Sizes of the head and its batches. */
export interface CprflSizes {
  /** Images in a batch. */
  readonly batch: number;
  /** Places (H · W) of a feature map. */
  readonly tokens: number;
  /** Channels of a feature map. */
  readonly channels: number;
  readonly classes: number;
  /** Width of the class embeddings. */
  readonly embedding: number;
  readonly width: number;
  readonly heads: number;
  readonly headWidth: number;
  readonly hiddenWidth: number;
}

/** The published head on a ResNet at 224 × 224, with the classes of COCO. */
const published: CprflSizes = {
  batch: 32,
  tokens: 49,
  channels: 2048,
  classes: 80,
  embedding: 1024,
  width: 2048,
  heads: 8,
  headWidth: 512,
  hiddenWidth: 2048,
};

/** Training steps of the head: forward, loss, backward, AdamW; dropout as published. */
export const cprflRows: readonly SpeedRow[] = createCprflRows(published);

/** Speed rows of given sizes. @param encoder trains with the head; default: the inputs are feature maps */
export function createCprflRows(sizes: CprflSizes, encoder?: StepEncoder): SpeedRow[] {
  const { batch, tokens, channels, classes } = sizes;
  const input = encoder ? `${encoder.image}, ${encoder.image}, 3` : `${tokens}, ${channels}`;
  const name = `CPRFL ${encoder ? `step with ${encoder.name}` : 'head step'}, [${batch}, ${input}], ${classes} classes`;
  // The authors' code also computes the visual tokens of the last layer, and then does not use them.
  const peers = [
    { name: `${name}, all tokens as released`, queries: '0' },
    { name: `${name}, class queries only`, queries: 'L' },
  ];
  return peers.flatMap(({ name, queries }) =>
    [false, true].map((compiled) => ({
      name: compiled ? `${name}, compiled` : name,
      torch: torchStep(sizes, queries, encoder),
      prepare: () => prepareHeadStep(sizes, compiled, encoder),
    })),
  );
}

/** The same step in PyTorch. @param queries position of the first query token, as Python code */
function torchStep(sizes: CprflSizes, queries: string, encoder: StepEncoder | undefined): string {
  return `
B, L, I, C, M, D = ${sizes.batch}, ${sizes.tokens}, ${sizes.channels}, ${sizes.classes}, ${sizes.embedding}, ${sizes.width}
H, d, F = ${sizes.heads}, ${sizes.headWidth}, ${sizes.hiddenWidth}
nn = torch.nn

class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.phi = nn.Linear(I, D)
        self.pi = nn.Sequential(nn.Linear(M, D // 2), nn.GELU(), nn.Linear(D // 2, D))
        self.ln1, self.ln2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.qkv = nn.Linear(D, 3 * H * d, bias=False)
        self.out = nn.Sequential(nn.Linear(H * d, D), nn.Dropout(0.1))
        self.ff = nn.Sequential(nn.Linear(D, F), nn.GELU(), nn.Dropout(0.1), nn.Linear(F, D), nn.Dropout(0.1))

    def forward(self, x, w):
        p = self.pi(w)
        z = self.ln1(torch.cat([self.phi(x), p.expand(B, C, D)], 1))
        first = ${queries}
        if first == 0:
            q, k, v = self.qkv(z).chunk(3, -1)
        else:
            wq, wkv = self.qkv.weight.split([H * d, 2 * H * d])
            q = nn.functional.linear(z[:, first:], wq)
            k, v = nn.functional.linear(z, wkv).chunk(2, -1)
        q, k, v = (t.reshape(B, -1, H, d).transpose(1, 2) for t in (q, k, v))
        o = nn.functional.scaled_dot_product_attention(q, k, v)
        z = self.ff(self.ln2(self.out(o.transpose(1, 2).reshape(B, -1, H * d))))
        return (z[:, -C:] * p).sum(-1)

model = Head()
${torchInput(encoder, sizes.batch, 'B, L, I')}
optimizer = torch.optim.AdamW([*encoder_parameters, *model.parameters()], lr=1e-5, weight_decay=1e-4)
w = torch.randn(C, M)
y = (torch.rand(B, C) > 0.9).float()

def loss_of(logits):
    p = torch.sigmoid(logits)
    negative = (1 - p + 0.05).clamp(max=1)
    base = y * p.clamp(min=1e-8).log() + (1 - y) * negative.clamp(min=1e-8).log()
    with torch.no_grad():
        weight = (1 - p * y - negative * (1 - y)) ** (4 * (1 - y))
    return -(base * weight).mean()

def run():
    optimizer.zero_grad()
    loss = loss_of(model(encode(x), w))
    loss.backward()
    optimizer.step()
    return loss.item()
`;
}

function prepareHeadStep(sizes: CprflSizes, compiled: boolean, encoder: StepEncoder | undefined): PreparedRow {
  const { batch, tokens, channels, classes, embedding, width, heads, headWidth, hiddenWidth } = sizes;
  const config = cprflConfigSchema.parse({ width, vsi: { heads, headWidth, hiddenWidth } });
  const task = {
    classes: Array.from({ length: classes }, (_, i) => `${i}`),
    statistics: { trainCount: 0, classCounts: [], cooccurrence: [] },
  };
  const random = new RandomStreams(1);
  const classEmbeddings = tf.randomNormal<tf.Rank.R2>([classes, embedding], 0, 1, 'float32', 1);
  const own = encoder && { encoder: encoder.create(random.stream('init')) };
  const learner = cprfl.create(task, { features: channels, classEmbeddings, ...own }, config, random);
  const labels = tf.tidy(
    () => tf.cast(tf.greater(tf.randomUniform([batch, classes], 0, 1, 'float32', 3), 0.9), 'float32') as tf.Tensor2D,
  );
  const shape = encoder ? [batch, encoder.image, encoder.image, 3] : [batch, tokens, channels];
  const inputs = tf.randomNormal(shape, 0, 1, 'float32', 2);
  const row = prepareLearnerStep({
    learner,
    batch: { inputs, labels, known: tf.onesLike(labels) },
    context: onlyStep(random),
    compiled,
  });
  return {
    run: row.run,
    dispose() {
      row.dispose();
      classEmbeddings.dispose();
    },
  };
}
