import { type BottleneckShape, bottleneckResNet, VisionTransformer } from '@ltml/backbone';
import { Module, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { PreparedRow, SpeedRow } from '../../../packages/tensor/bench/row.ts';
import { prepareForward } from './prepare-forward.ts';
import { torchFaster, torchTrunk, torchVit, type VitSizes } from './torch-networks.ts';
import { type Network, prepareStep, stepClasses } from './training-steps.ts';

/** Sizes of the networks and their batches. */
export interface BackboneSizes {
  /** Side of an image, in pixels. */
  readonly image: number;
  /** Images in a batch. */
  readonly inference: number;
  readonly training: number;
  readonly resnet: BottleneckShape;
  readonly vit: VitSizes;
}

const published: BackboneSizes = {
  image: 224,
  inference: 16,
  training: 8,
  resnet: { stem: 64, planes: [64, 128, 256, 512], blocks: [3, 4, 6, 3], groups: 1, groupWidth: 64 },
  vit: { patchSize: 16, width: 768, depth: 12, heads: 12 },
};

/** Inference and whole training steps of ResNet-50 and ViT-B/16: run eagerly and compiled. */
export const backboneRows: readonly SpeedRow[] = createBackboneRows(published);

export function createBackboneRows(sizes: BackboneSizes): SpeedRow[] {
  const { image, resnet, vit } = sizes;
  const createResnet = (random: RandomStream): Network =>
    new Classifying(bottleneckResNet(resnet, { classes: stepClasses, random }));
  const createVit = (random: RandomStream): Network =>
    new Classifying(new VisionTransformer({ ...vit, imageSize: image, classes: stepClasses }, random));
  return [
    ...networkRows('ResNet-50', sizes, createResnet, torchResnet(resnet)),
    ...networkRows('ViT-B/16', sizes, createVit, torchVitClassifier(image, vit)),
  ];
}

interface Encoder extends Module {
  forward(images: tf.Tensor): { readonly features: tf.Tensor2D };
  classify(features: tf.Tensor): tf.Tensor2D;
}

class Classifying extends Module implements Network {
  readonly encoder: Encoder;

  constructor(encoder: Encoder) {
    super();
    this.encoder = encoder;
  }

  forward(images: tf.Tensor): tf.Tensor2D {
    return this.encoder.classify(this.encoder.forward(images).features);
  }
}

function networkRows(
  name: string,
  { image, inference, training }: BackboneSizes,
  create: (random: RandomStream) => Network,
  torch: string,
): SpeedRow[] {
  const shapeOf = (batch: number): [number, number, number, number] => [batch, image, image, 3];
  const inferenceName = `${name} inference, [${shapeOf(inference).join(', ')}]`;
  const inferenceTorch = `${torch}${torchInference(shapeOf(inference))}`;
  const trainingName = `${name} training step, [${shapeOf(training).join(', ')}]`;
  const trainingTorch = `${torch}${torchTraining(shapeOf(training))}`;
  return [false, true].flatMap((compiled) => [
    {
      name: compiled ? `${inferenceName}, compiled` : inferenceName,
      torch: inferenceTorch,
      prepare: () => prepareInference(shapeOf(inference), create, compiled),
    },
    {
      name: compiled ? `${trainingName}, compiled` : trainingName,
      torch: trainingTorch,
      prepare: () => prepareStep(shapeOf(training), create, compiled),
    },
  ]);
}

function prepareInference(
  shape: [number, number, number, number],
  create: (random: RandomStream) => Network,
  compiled: boolean,
): PreparedRow {
  const network = create(new RandomStream(1)).eval();
  const images = tf.randomNormal(shape, 0, 1, 'float32', 1);
  return prepareForward(network, images, compiled, (x) => network.forward(x));
}

/** Python that defines `create()`. */
function torchResnet(shape: BottleneckShape): string {
  const features = 4 * (shape.planes.at(-1) as number);
  return `${torchTrunk(shape)}
def create():
    return nn.Sequential(trunk(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(${features}, ${stepClasses}))
`;
}

/** Python that defines `create()`. */
function torchVitClassifier(image: number, vit: VitSizes): string {
  return `${torchVit(image, vit)}
class Classifying(nn.Module):
    def __init__(self):
        super().__init__()
        self.vit, self.head = Vit(), nn.Linear(${vit.width}, ${stepClasses})
    def forward(self, x):
        return self.head(self.vit(x)[:, 0])
create = Classifying
`;
}

function torchInference([batch, height, width]: readonly number[]): string {
  return `${torchFaster}
def prepare(format):
    model = create().eval().to(memory_format=format)
    x = torch.randn(${batch}, 3, ${height}, ${width}).contiguous(memory_format=format)
    def run():
        with torch.inference_mode():
            return model(x)
    return run
run = faster(prepare)
`;
}

function torchTraining([batch, height, width]: readonly number[]): string {
  return `${torchFaster}
def prepare(format):
    model = create().to(memory_format=format)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    x = torch.randn(${batch}, 3, ${height}, ${width}).contiguous(memory_format=format)
    y = (torch.rand(${batch}, ${stepClasses}) > 0.8).float()
    def run():
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()
    return run
run = faster(prepare)
`;
}
