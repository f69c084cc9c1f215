import { poolPlaces, presenceLogits, presenceLoss, visionOnly, visionOnlyConfigSchema } from '@ltml/coop';
import { compile, RandomStreams } from '@ltml/tensor';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { prepareLearnerStep } from '../../tensor/bench/learner-step.ts';
import type { PreparedRow, SpeedRow } from '../../tensor/bench/row.ts';

/** Sizes of the batches. */
export interface CoopSizes {
  /** Images in a batch. */
  readonly batch: number;
  /** Places of an image, including the mean of the map. */
  readonly places: number;
  /** Features of a place. */
  readonly features: number;
  readonly classes: number;
}

/** CLIP's RN101 at 448 × 448, with the classes of COCO. */
const published: CoopSizes = { batch: 32, places: 197, features: 512, classes: 80 };

const torchLoss = `
def loss_of(absent, present):
    p = torch.softmax(torch.stack([absent, present], 1), 1)
    p0, p1 = p[:, 0], p[:, 1]
    q = (p0 + 0.05).clamp(max=1)
    right = torch.where(y > 0, p1, q)
    with torch.no_grad():
        factor = torch.where(y > 0, 1 - p1, (1 - q) ** 2)
    return -0.03 * (factor * torch.log(right.clamp(min=1e-6))).sum()
`;

/** DualCoOp's pooling and loss with the gradient of the embeddings, and training steps of the vision-only baseline. */
export const coopRows: readonly SpeedRow[] = createCoopRows(published);

export function createCoopRows(sizes: CoopSizes): SpeedRow[] {
  const { batch, places, features, classes } = sizes;
  const of = `[${batch}, ${places}, ${features}], ${classes} classes`;
  return [false, true].flatMap((compiled): SpeedRow[] => {
    const suffix = compiled ? ', compiled' : '';
    return [
      {
        name: `DualCoOp pooling and loss, gradient of the embeddings, ${of}${suffix}`,
        torch: `${torchPooling(sizes)}${torchLoss}`,
        prepare: () => preparePooling(sizes, compiled),
      },
      {
        name: `vision-only step, ${of}${suffix}`,
        torch: `${torchBaseline(sizes)}${torchLoss}`,
        prepare: () => prepareBaseline(sizes, compiled),
      },
    ];
  });
}

function torchPooling({ batch, places, features, classes }: CoopSizes): string {
  return `
B, P, D, C = ${batch}, ${places}, ${features}, ${classes}
F = torch.nn.functional
z = torch.randn(B, P, D)
y = (torch.rand(B, C) > 0.9).float()
text = torch.randn(2 * C, D, requires_grad=True)

def run():
    text.grad = None
    s = 20 * F.normalize(z, dim=-1) @ F.normalize(text, dim=-1).T
    absent, present = s[..., :C], s[..., C:]
    w = torch.softmax(present, 1)
    loss = loss_of(5 * (w * absent).sum(1), 5 * (w * present).sum(1))
    loss.backward()
    return loss.item()
`;
}

function torchBaseline({ batch, places, features, classes }: CoopSizes): string {
  return `
B, P, D, C = ${batch}, ${places}, ${features}, ${classes}
model = torch.nn.Linear(D, 2 * C)
optimizer = torch.optim.SGD(model.parameters(), lr=5e-3, momentum=0.9)
z = torch.randn(B, P, D)
y = (torch.rand(B, C) > 0.9).float()

def run():
    optimizer.zero_grad()
    s = model(z)
    pooled = 5 * (torch.softmax(s, 1) * s).sum(1)
    loss = loss_of(pooled[:, :C], pooled[:, C:])
    loss.backward()
    optimizer.step()
    return loss.item()
`;
}

function randomBatch({ batch, places, features, classes }: CoopSizes) {
  const inputs = tf.randomNormal<tf.Rank.R3>([batch, places, features], 0, 1, 'float32', 2);
  const labels = tf.tidy(
    () => tf.cast(tf.greater(tf.randomUniform([batch, classes], 0, 1, 'float32', 3), 0.9), 'float32') as tf.Tensor2D,
  );
  return { inputs, labels, known: tf.onesLike(labels) };
}

function preparePooling(sizes: CoopSizes, compiled: boolean): PreparedRow {
  const { inputs, labels, known } = randomBatch(sizes);
  const text = tf.randomNormal<tf.Rank.R2>([2 * sizes.classes, sizes.features], 0, 1, 'float32', 4);
  const step = compile(
    (z: tf.Tensor, y: tf.Tensor, of: tf.Tensor) => {
      const { value, grad } = tf.valueAndGrad((both) => {
        const [absent, present] = tf.split(both, 2) as tf.Tensor2D[];
        return presenceLoss(presenceLogits(poolPlaces(z as tf.Tensor3D, { absent, present })), y as tf.Tensor2D);
      })(of);
      return { loss: value, gradient: grad };
    },
    { name: 'pooling', eager: !compiled },
  );
  return {
    async run() {
      const results = step(inputs, labels, text);
      await results.loss.data();
      tf.dispose(results);
    },
    dispose() {
      step.dispose();
      tf.dispose([inputs, labels, known, text]);
    },
  };
}

function prepareBaseline(sizes: CoopSizes, compiled: boolean): PreparedRow {
  const task = {
    classes: Array.from({ length: sizes.classes }, (_, i) => `${i}`),
    statistics: { trainCount: 0, classCounts: [], cooccurrence: [] },
  };
  const random = new RandomStreams(1);
  return prepareLearnerStep({
    learner: visionOnly.create(task, { features: sizes.features }, visionOnlyConfigSchema.parse({}), random),
    batch: randomBatch(sizes),
    context: onlyStep(random),
    compiled,
  });
}
