import { availableParallelism } from 'node:os';
import { BatchLoader, labelsFromLists, type Sampler } from '@ltml/data';
import { poolInputs } from '@ltml/data/node';
import { imagenetStatistics, type Pipeline } from '@ltml/images';
import { PicturePool, type PoolReaderOptions } from '@ltml/images/node';
import { RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { SpeedRow } from '../../../packages/tensor/bench/row.ts';
import { loaderPictures, makePictures, pictureFolder, pictureName } from './loader-pictures.ts';

const batchSize = 32;
/** Number of images that a call reads: the next ones in order. */
const images = 512;
const workers = availableParallelism();

const normalize = { name: 'normalize', ...imagenetStatistics } as const;

interface Case {
  readonly name: string;
  readonly pipeline: Pipeline;
  /** The same steps in torchvision. */
  readonly torch: string;
}

const cases: readonly Case[] = [
  {
    name: 'random resized crop 224',
    pipeline: [{ name: 'randomResizedCrop', size: 224 }, { name: 'horizontalFlip' }, normalize],
    torch: 'T.RandomResizedCrop(224), T.RandomHorizontalFlip()',
  },
  {
    name: 'resize 448',
    pipeline: [{ name: 'resize', height: 448, width: 448 }, normalize],
    torch: 'T.Resize((448, 448))',
  },
];

/** One pixel of each is kept, of the whole decoded picture: a limit, unless only a part is decoded. */
const decodeOnly = `decode only, ${images} JPEGs`;

/**
 * From files to batches of tensors on all cores. The peer is PyTorch's `DataLoader` with torchvision and as many
 * workers.
 */
export const loaderRows: readonly SpeedRow[] = [
  {
    name: decodeOnly,
    images,
    prepare: () => prepareLoader({ root: pictureFolder, pipeline: [{ name: 'centerCrop', size: 1 }, normalize] }),
    torch: torchLoader('lambda picture: 0'),
  },
  ...cases.flatMap(({ name, pipeline, torch }) =>
    (['as-pil', 'upright'] as const).map(
      (mode): SpeedRow => ({
        name: `${name}, ${mode}, ${images} JPEGs`,
        images,
        limit: decodeOnly,
        prepare: () => prepareLoader({ root: pictureFolder, pipeline, mode }),
        torch: torchLoader(
          `T.Compose([${torch}, T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])`,
        ),
      }),
    ),
  ),
];

export interface LoaderUse {
  /** Number of images that a call reads. */
  readonly count: number;
  /** Called with each batch. */
  readonly use: (images: tf.Tensor) => Promise<void>;
}

export async function prepareLoader(
  options: PoolReaderOptions,
  { count, use }: LoaderUse = { count: images, use: async () => {} },
) {
  await makePictures();
  const pool = new PicturePool({ workers });
  const files = Array.from({ length: loaderPictures.count }, (_, index) => pictureName(index));
  const dataset = {
    name: 'pictures',
    classes: ['only'],
    labels: labelsFromLists(
      files.map(() => [0]),
      1,
    ),
    inputs: poolInputs(pool.reader(options), { length: files.length, path: (index) => files[index] }),
  };
  const order = nextImages(count);
  const sampler: Sampler = { epochLength: count, nextEpoch: order, exportState: () => null, importState() {} };
  const loader = new BatchLoader({ dataset, sampler, batchSize, random: new RandomStreams(1) });
  return {
    async run() {
      for await (const { inputs, labels, known } of loader.epoch()) {
        await use(inputs as tf.Tensor);
        tf.dispose([inputs, labels, known]);
      }
    },
    dispose: () => void pool.close(),
  };
}

/** A function that gives the next images, and starts again after the last. */
function nextImages(count: number = images): () => Int32Array {
  let first = 0;
  return () => {
    const indices = Int32Array.from({ length: count }, (_, i) => (first + i) % loaderPictures.count);
    first += count;
    return indices;
  };
}

/** Python whose `run()` reads pictures with as many workers. @param use code that is run for each `batch` */
export function torchLoader(
  transform: string,
  { count, use }: { readonly count: number; readonly use: string } = { count: images, use: 'pass' },
): string {
  return `
from PIL import Image
from torchvision import transforms as T
transform = ${transform}
class Pictures(torch.utils.data.Dataset):
    def __len__(self):
        return ${loaderPictures.count}
    def __getitem__(self, index):
        with Image.open(f"${pictureFolder}/{index}.jpg") as picture:
            return transform(picture.convert("RGB"))
class Next(torch.utils.data.Sampler):
    first = 0
    def __len__(self):
        return ${count}
    def __iter__(self):
        first, Next.first = Next.first, Next.first + ${count}
        return iter([(first + i) % ${loaderPictures.count} for i in range(${count})])
loader = torch.utils.data.DataLoader(
    Pictures(), batch_size=${batchSize}, sampler=Next(), num_workers=${workers}, persistent_workers=True,
    multiprocessing_context="fork")
def run():
    for batch in loader:
        ${use}
`;
}
