import type { Dataset, ImageSource, InputSource } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import { cacheFeatures } from '@ltml/train';
import { resnetTiny, resnetTinyNormalization } from '../../../packages/backbone/src/resnet-tiny.ts';
import { digitsLt } from '../../../packages/data/src/digits-lt/digits-lt.ts';
import type { SceneSet } from '../../../packages/data/src/digits-lt/scene-set.ts';
import type { SuiteParts } from './method-run.ts';
import type { SuiteProtocol } from './protocol.ts';

/** Makes `digits-lt` and the pretrained network ready; `onProgress` is told the fraction done. */
export async function loadDigitsParts(
  protocol: SuiteProtocol,
  onProgress: (done: number) => void = () => {},
): Promise<SuiteParts> {
  const { train, test } = await digitsLt();
  const images = { train: asDataset(train), test: asDataset(test) };
  const backbone = resnetTiny();
  if (protocol.views === null) {
    return { ...images, features: backbone.featureCount, createBackbone: async () => resnetTiny() as never };
  }
  backbone.eval();
  const { views } = protocol;
  const share = (views + 1) * train.labels.rows;
  const total = share + test.labels.rows;
  const encode = (inputs: Parameters<typeof backbone.forward>[0]) => backbone.forward(inputs).features;
  try {
    return {
      features: backbone.featureCount,
      train: await cacheFeatures(encode, images.train, {
        views,
        random: new RandomStreams(0),
        onProgress: (done) => onProgress((done * share) / total),
      }),
      test: await cacheFeatures(encode, images.test, {
        onProgress: (done) => onProgress((share + done * (total - share)) / total),
      }),
    };
  } finally {
    backbone.dispose();
  }
}

function asDataset({ name, classes, labels, images }: SceneSet): Dataset {
  return { name, classes, labels, inputs: normalized(images) };
}

function normalized(images: ImageSource): InputSource {
  const { mean, standardDeviation } = resnetTinyNormalization;
  return {
    length: images.length,
    shape: [images.height, images.width, 3],
    async read(indices) {
      const size = images.height * images.width * 3;
      const out = new Float32Array(indices.length * size);
      for (let row = 0; row < indices.length; row++) {
        const pixels = await images.read(indices[row]);
        for (let i = 0; i < size; i++) out[row * size + i] = (pixels[i] / 255 - mean[i % 3]) / standardDeviation[i % 3];
      }
      return out;
    },
  };
}
