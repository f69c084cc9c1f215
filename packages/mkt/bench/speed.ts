import { rankingLoss } from '@ltml/losses';
import { combineStreams, labelStreams } from '@ltml/mkt';
import { compile, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { torchRanking } from '../../losses/bench/torch-ranking.ts';
import type { PreparedRow, SpeedRow } from '../../tensor/bench/row.ts';

/** Positives per image, about as many as in NUS-WIDE. */
const positives = 7;

/**
 * Two forms of the PyTorch loss. `masked` uses one tensor [B, C, C] with every pair of classes of every image, as the
 * code that MKT uses does. With 7,186 classes one such tensor takes 13 GB. The other form therefore handles one image
 * at a time, with its pairs [P, N].
 */
const pairwise = {
  masked: `
def ranking(x, y):
    mask = y.unsqueeze(1) * (1 - y).unsqueeze(2)
    hinges = torch.clamp(mask * (1 + x.unsqueeze(2) - x.unsqueeze(1)), min=0)
    violations = torch.sign(hinges).sum((1, 2)).detach()
    return (hinges.sum((1, 2)) / (violations + 1e-8)).mean()`,
  imageByImage: `\n${torchRanking}`,
};

function rankingRow(C: number, form: keyof typeof pairwise, compiled: boolean): SpeedRow {
  const B = 64;
  return {
    name: `ranking loss of all pairs [${B}, ${C}]${compiled ? ', compiled' : ''}`,
    prepare: () => prepareRanking(B, C, compiled),
    torch: `
torch.manual_seed(1)
B, C = ${B}, ${C}
x = (torch.randn(B, C) * 0.03).requires_grad_()
y = torch.zeros(B, C)
y[torch.arange(B).repeat_interleave(${positives}), torch.randint(0, C, (${positives} * B,))] = 1
${pairwise[form]}
def run():
    x.grad = None
    loss = ranking(x, y)
    loss.backward()
    return loss.item()
`,
  };
}

function prepareRanking(B: number, C: number, compiled: boolean): PreparedRow {
  const random = new RandomStream(1);
  const present = new Float32Array(B * C);
  for (let b = 0; b < B; b++) for (let i = 0; i < positives; i++) present[b * C + random.integer(C)] = 1;
  const labels = tf.tensor2d(present, [B, C]);
  return timeGradient([normal([B, C], random, 0.03)], [labels], compiled, ([x]) =>
    rankingLoss(x as tf.Tensor2D, labels),
  );
}

/** Scores of both streams for the labels of NUS-WIDE, from patches of ViT-B/16, forward and backward. */
function headRow(B: number, C: number, compiled: boolean): SpeedRow {
  const [N, D, k] = [196, 512, 18];
  return {
    name: `two-stream scores [${B}, ${N}, ${D}] of ${C} labels${compiled ? ', compiled' : ''}`,
    prepare: () => {
      const random = new RandomStream(2);
      const constants = [normal([C, D], random), normal([B, C], random)];
      const inputs = [normal([B, D], random), normal([B, N, D], random)];
      return timeGradient(inputs, constants, compiled, ([features, patches], [labels, weights]) => {
        const image = { features: features as tf.Tensor2D, patches: patches as tf.Tensor3D };
        const scores = combineStreams(labelStreams(image, labels as tf.Tensor2D, { topK: k }));
        return tf.sum(tf.mul(scores, weights)) as tf.Scalar;
      });
    },
    torch: `
torch.manual_seed(2)
labels, weights = torch.randn(${C}, ${D}), torch.randn(${B}, ${C})
features = torch.randn(${B}, ${D}, requires_grad=True)
patches = torch.randn(${B}, ${N}, ${D}, requires_grad=True)
normalize = torch.nn.functional.normalize
def run():
    features.grad = patches.grad = None
    l = (patches @ labels.t()).topk(${k}, dim=1).values.mean(1)
    g = features @ labels.t()
    loss = ((normalize(l, dim=-1) + normalize(g, dim=-1)) / 2 * weights).sum()
    loss.backward()
    return loss.item()
`,
  };
}

/** Times a loss and its gradient with respect to the inputs. The constants get no gradient. */
function timeGradient(
  inputs: tf.Tensor[],
  constants: tf.Tensor[],
  compiled: boolean,
  loss: (inputs: tf.Tensor[], constants: tf.Tensor[]) => tf.Scalar,
): PreparedRow {
  const gradient = (...given: tf.Tensor[]): Record<string, tf.Tensor> => {
    const fixed = given.slice(inputs.length);
    const { value, grads } = tf.valueAndGrads((...x) => loss(x, fixed))(given.slice(0, inputs.length));
    return { value, ...Object.fromEntries(grads.map((grad, i) => [`grad${i}`, grad])) };
  };
  const step = compiled ? compile(gradient, { name: 'scores' }) : Object.assign(gradient, { dispose: () => undefined });
  return {
    async run() {
      const { value, ...grads } = step(...inputs, ...constants);
      await value.data();
      tf.dispose([value, grads]);
    },
    dispose() {
      step.dispose();
      tf.dispose([inputs, constants]);
    },
  };
}

function normal(shape: number[], random: RandomStream, deviation = 1): tf.Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal(0, deviation)),
    shape,
  );
}

export const mktRows: readonly SpeedRow[] = [false, true].flatMap((compiled) => [
  rankingRow(925, 'masked', compiled),
  rankingRow(7186, 'imageByImage', compiled),
  headRow(16, 925, compiled),
]);
