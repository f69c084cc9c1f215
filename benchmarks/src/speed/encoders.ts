import {
  type BottleneckShape,
  bottleneckResNet,
  ClipTextTransformer,
  type EncoderNetwork,
  VisionTransformer,
} from '@ltml/backbone';
import { imagenetStatistics } from '@ltml/images';
import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { SpeedRow } from '../../../packages/tensor/bench/row.ts';
import { prepareLoader, torchLoader } from './loader.ts';
import { loaderPictures, pictureFolder } from './loader-pictures.ts';
import { prepareForward } from './prepare-forward.ts';
import { type TextSizes, torchFaster, torchText, torchTrunk, torchVit, type VitSizes } from './torch-networks.ts';

/** Sizes of the encoders and their batches. */
export interface EncoderSizes {
  /** The encoder of SARB. */
  readonly resnet: { readonly shape: BottleneckShape; readonly image: number; readonly batch: number };
  /** The encoder of MKT. */
  readonly vit: VitSizes & { readonly image: number; readonly batch: number };
  /** The text tower of a CLIP; each text has `length` tokens. */
  readonly text: TextSizes & { readonly classes: number; readonly length: number };
  /** Features of image files. */
  readonly files: { readonly shape: BottleneckShape; readonly image: number; readonly count: number };
}

export const resnet101: BottleneckShape = {
  stem: 64,
  planes: [64, 128, 256, 512],
  blocks: [3, 4, 23, 3],
  groups: 1,
  groupWidth: 64,
};
export const vitB16: VitSizes = { patchSize: 16, width: 768, depth: 12, heads: 12 };

/** Inference of encoders at the sizes of the papers. */
export const encoderRows: readonly SpeedRow[] = createEncoderRows({
  resnet: { shape: resnet101, image: 448, batch: 16 },
  vit: { ...vitB16, image: 224, batch: 32 },
  text: { vocabularySize: 49_408, width: 512, layers: 12, heads: 8, embedding: 1024, classes: 80, length: 10 },
  files: { shape: { ...resnet101, blocks: [3, 4, 6, 3] }, image: 224, count: 128 },
});

export function createEncoderRows({ resnet, vit, text, files }: EncoderSizes): SpeedRow[] {
  const { image: _, batch: __, ...vitSizes } = vit;
  const { classes, length, ...textSizes } = text;
  return [
    ...imageRows(`ResNet-${2 + 3 * sum(resnet.shape.blocks)} features`, resnet, {
      create: (random) => bottleneckResNet(resnet.shape, { random }),
      torch: `${torchTrunk(resnet.shape)}\ncreate = trunk`,
    }),
    ...imageRows(`ViT, width ${vit.width}, features`, vit, {
      create: (random) => new VisionTransformer({ ...vitSizes, imageSize: vit.image }, random),
      torch: `${torchVit(vit.image, vitSizes)}\ncreate = Vit`,
    }),
    ...[false, true].map(
      (compiled): SpeedRow => ({
        name: named(`CLIP's text tower, [${classes}, ${length}] tokens`, compiled),
        torch: `${torchText(textSizes)}
model = Text().eval()
ids = torch.randint(1, ${text.vocabularySize - 2}, (${classes}, ${length}))
ids[:, -1] = ${text.vocabularySize - 1}
def run():
    with torch.inference_mode():
        model(ids)
`,
        prepare: () => {
          const tower = new ClipTextTransformer({ ...textSizes, contextLength: 77 }, new RandomStream(1)).eval();
          const ids = tf.tidy(() => {
            const words = tf.cast(
              tf.randomUniform([classes, length - 1], 1, text.vocabularySize - 2, 'int32', 2),
              'int32',
            );
            return tf.concat([words, tf.fill([classes, 1], text.vocabularySize - 1, 'int32')], 1);
          });
          return prepareForward(tower, ids, compiled, (x) => tower.forward(x));
        },
      }),
    ),
    filesRow(files),
  ];
}

interface EncoderSource {
  create(random: RandomStream): EncoderNetwork;
  /** Python that defines `create()`. */
  readonly torch: string;
}

function imageRows(
  what: string,
  { image, batch }: { readonly image: number; readonly batch: number },
  { create, torch }: EncoderSource,
): SpeedRow[] {
  return [false, true].map((compiled) => ({
    name: named(`${what}, [${batch}, ${image}, ${image}, 3]`, compiled),
    images: batch,
    torch: `${torch}${torchFaster}
def prepare(format):
    model = create().eval().to(memory_format=format)
    x = torch.randn(${batch}, 3, ${image}, ${image}).contiguous(memory_format=format)
    def run():
        with torch.inference_mode():
            return model(x)
    return run
run = faster(prepare)
`,
    prepare: () => {
      const network = create(new RandomStream(1)).eval();
      const images = tf.randomNormal([batch, image, image, 3], 0, 1, 'float32', 2);
      return prepareForward(network, images, compiled, (x) => network.forward(x).features);
    },
  }));
}

/** From JPEGs to features. All cores decode while the encoder runs. */
function filesRow({ shape, image, count }: EncoderSizes['files']): SpeedRow {
  const { mean, std } = imagenetStatistics;
  const levels = (values: readonly number[]) => JSON.stringify(values.map((value) => value / 255));
  const transform = `T.Compose([T.Resize((${image}, ${image})), T.ToTensor(), T.Normalize(${levels(mean)}, ${levels(std)})])`;
  return {
    name: `features of ${count} JPEGs by ResNet-${2 + 3 * sum(shape.blocks)} at ${image}`,
    images: count,
    torch: `${torchTrunk(shape)}
model = trunk().eval()
def encode(batch):
    with torch.inference_mode():
        return model(batch).mean((2, 3))
${torchLoader(transform, { count, use: 'encode(batch)' })}`,
    prepare: async () => {
      const network = bottleneckResNet(shape, { random: new RandomStream(1) }).eval();
      const pipeline = [
        { name: 'resize', height: image, width: image },
        { name: 'normalize', mean, std },
      ] as const;
      const loader = await prepareLoader(
        { root: pictureFolder, pipeline, mode: 'as-pil' },
        {
          count: Math.min(count, loaderPictures.count),
          use: async (images) => {
            const features = tf.tidy(() => network.forward(images).features);
            await features.data();
            features.dispose();
          },
        },
      );
      return {
        run: () => loader.run(),
        dispose() {
          loader.dispose();
          network.dispose();
        },
      };
    },
  };
}

function named(what: string, compiled: boolean): string {
  return compiled ? `${what}, compiled` : what;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
