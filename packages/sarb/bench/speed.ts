import { sarb, sarbConfigSchema } from '@ltml/sarb';
import { RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { PreparedRow, SpeedRow } from '../../tensor/bench/row.ts';
import { type StepEncoder, torchInput } from '../../tensor/bench/step-encoder.ts';
import { coco, type MapSizes, mapTask, prepareMapStep } from './map-step.ts';
import { torchGraph } from './torch-graph.ts';

/** Sizes of the network and its batch. */
export interface SarbSizes extends MapSizes {
  /** K */
  readonly prototypes: number;
}

/** A training step on COCO with blending and Adam, on feature maps: run eagerly and compiled. */
export const sarbRows: readonly SpeedRow[] = createSarbRows({ ...coco, prototypes: 10 });

/** Speed rows of given sizes. @param encoder trains with the network, except its frozen layers; default: none */
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
  const { side, channels, features, innerFeatures, prototypes } = sizes;
  const config = sarbConfigSchema.parse({
    features,
    attention: { name: 'decoupling', innerFeatures },
    blending: { prototypes: { count: prototypes } },
  });
  const task = mapTask(sizes, encoder ? [encoder.image, encoder.image, 3] : [side, side, channels]);
  const parts = {
    features: channels,
    classEmbeddings: task.words,
    trainingSet: async function* () {},
    ...(encoder && { encoder: encoder.create(task.random) }),
  };
  const learner = sarb.create(task.task, parts, config, new RandomStreams(1));
  for (const [name, { variable }] of learner.namedBuffers()) {
    if (!name.startsWith('prototype')) continue;
    const fill =
      name === 'prototypes' ? tf.randomNormal(variable.shape, 0, 1, 'float32', 2) : tf.fill(variable.shape, prototypes);
    variable.assign(fill);
    fill.dispose();
  }
  return prepareMapStep(learner, task, compiled);
}

/** The step as one would write it in PyTorch: one pass for all three views of the batch, fused Adam. */
function torchStep(sizes: SarbSizes, encoder: StepEncoder | undefined): string {
  const { images, channels, prototypes } = sizes;
  return `${torchGraph(sizes)}
K = ${prototypes}
class Sarb(Graph):
    def __init__(self):
        super().__init__()
        self.alpha, self.beta = nn.Parameter(torch.tensor(0.5)), nn.Parameter(torch.tensor(0.5))
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
