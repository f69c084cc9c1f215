import { type BottleneckShape, bottleneckResNet, VisionTransformer } from '@ltml/backbone';
import { compile, Module, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { PreparedRow, SpeedRow } from './row.ts';
import { type Network, prepareStep, stepClasses } from './training-steps.ts';

/** How large the networks and their batches are. */
export interface BackboneSizes {
  /** Pixels on each side. */
  readonly image: number;
  /** Images in a batch. */
  readonly inference: number;
  readonly training: number;
  readonly resnet: BottleneckShape;
  readonly vit: { readonly patchSize: number; readonly width: number; readonly depth: number; readonly heads: number };
}

const published: BackboneSizes = {
  image: 224,
  inference: 16,
  training: 8,
  resnet: { stem: 64, planes: [64, 128, 256, 512], blocks: [3, 4, 6, 3], groups: 1, groupWidth: 64 },
  vit: { patchSize: 16, width: 768, depth: 12, heads: 12 },
};

/** Tries both memory formats and stays with the faster. */
const torchFaster = `
import time
def faster(prepare):
    best = None
    for format in (torch.contiguous_format, torch.channels_last):
        candidate = prepare(format)
        candidate()
        start = time.perf_counter()
        candidate()
        seconds = time.perf_counter() - start
        if best is None or seconds < best[0]:
            best = (seconds, candidate)
    return best[1]
`;

/** Inference and whole training steps of ResNet-50 and ViT-B/16: eagerly, and compiled. */
export const backboneRows: readonly SpeedRow[] = createBackboneRows(published);

export function createBackboneRows(sizes: BackboneSizes): SpeedRow[] {
  const { image, resnet, vit } = sizes;
  const createResnet = (random: RandomStream): Network =>
    new Classifying(bottleneckResNet(resnet, { classes: stepClasses, random }));
  const createVit = (random: RandomStream): Network =>
    new Classifying(new VisionTransformer({ ...vit, imageSize: image, classes: stepClasses }, random));
  return [
    ...networkRows('ResNet-50', sizes, createResnet, torchResnet(resnet)),
    ...networkRows('ViT-B/16', sizes, createVit, torchVit(image, vit)),
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
  const predict = (images: tf.Tensor): { logits: tf.Tensor2D } => ({ logits: network.forward(images) });
  const step = compiled
    ? compile(predict, { name: 'inference' })
    : Object.assign((images: tf.Tensor) => tf.tidy(() => predict(images)), { dispose: () => undefined });
  return {
    async run() {
      const { logits } = step(images);
      await logits.data();
      logits.dispose();
    },
    dispose() {
      step.dispose();
      network.dispose();
      images.dispose();
    },
  };
}

/** Defines `create()`, as torchvision writes it. */
function torchResnet({ stem, planes, blocks }: BottleneckShape): string {
  return `
nn = torch.nn
class Bottleneck(nn.Module):
    def __init__(self, inputs, planes, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, planes, 1, bias=False), nn.BatchNorm2d(planes), nn.ReLU(inplace=True),
            nn.Conv2d(planes, planes, 3, stride, 1, bias=False), nn.BatchNorm2d(planes), nn.ReLU(inplace=True),
            nn.Conv2d(planes, 4 * planes, 1, bias=False), nn.BatchNorm2d(4 * planes))
        self.shortcut = nn.Identity() if stride == 1 and inputs == 4 * planes else nn.Sequential(
            nn.Conv2d(inputs, 4 * planes, 1, stride, bias=False), nn.BatchNorm2d(4 * planes))
    def forward(self, x):
        return torch.relu_(self.body(x) + self.shortcut(x))
def create():
    layers = [nn.Conv2d(3, ${stem}, 7, 2, 3, bias=False), nn.BatchNorm2d(${stem}), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    inputs = ${stem}
    for stage, (planes, blocks) in enumerate(zip(${JSON.stringify(planes)}, ${JSON.stringify(blocks)})):
        for block in range(blocks):
            layers.append(Bottleneck(inputs, planes, 2 if block == 0 and stage > 0 else 1))
            inputs = 4 * planes
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, ${stepClasses}))
`;
}

/** Defines `create()` with PyTorch's own encoder, which has a fused path. */
function torchVit(image: number, { patchSize, width, depth, heads }: BackboneSizes['vit']): string {
  return `
nn = torch.nn
class Vit(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, ${width}, ${patchSize}, ${patchSize})
        self.token = nn.Parameter(torch.zeros(1, 1, ${width}))
        self.positions = nn.Parameter(torch.zeros(1, 1 + ${image / patchSize} ** 2, ${width}))
        layer = nn.TransformerEncoderLayer(${width}, ${heads}, ${4 * width}, 0.0, 'gelu', 1e-6, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, ${depth}, nn.LayerNorm(${width}, 1e-6), enable_nested_tensor=False)
        self.head = nn.Linear(${width}, ${stepClasses})
    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions
        return self.head(self.blocks(x)[:, 0])
create = Vit
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
