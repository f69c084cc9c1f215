import { multiLabelProtocol } from '../data-set.ts';
import type { ExpectedSet, PublishedSet } from './published-set.ts';

export type CocoOptions = {
  readonly emptyImages: 'keep' | 'drop';
  readonly crowd: 'keep' | 'drop';
};

/** The classes in index order, by ascending category id. */
export const cocoClasses: readonly string[] = [
  ...['person', 'bicycle', 'car', 'motorcycle', 'airplane', 'bus', 'train', 'truck', 'boat'],
  ...['traffic light', 'fire hydrant', 'stop sign', 'parking meter', 'bench', 'bird', 'cat', 'dog'],
  ...['horse', 'sheep', 'cow', 'elephant', 'bear', 'zebra', 'giraffe', 'backpack', 'umbrella'],
  ...['handbag', 'tie', 'suitcase', 'frisbee', 'skis', 'snowboard', 'sports ball', 'kite'],
  ...['baseball bat', 'baseball glove', 'skateboard', 'surfboard', 'tennis racket', 'bottle'],
  ...['wine glass', 'cup', 'fork', 'knife', 'spoon', 'bowl', 'banana', 'apple', 'sandwich', 'orange'],
  ...['broccoli', 'carrot', 'hot dog', 'pizza', 'donut', 'cake', 'chair', 'couch', 'potted plant'],
  ...['bed', 'dining table', 'toilet', 'tv', 'laptop', 'mouse', 'remote', 'keyboard', 'cell phone'],
  ...['microwave', 'oven', 'toaster', 'sink', 'refrigerator', 'book', 'clock', 'vase', 'scissors'],
  ...['teddy bear', 'hair drier', 'toothbrush'],
];

const options: PublishedSet<CocoOptions>['options'] = {
  emptyImages: {
    about:
      'images without a label: kept in the order of the file, or dropped and the others in order of first annotation',
    default: 'keep',
    choices: ['keep', 'drop'],
  },
  crowd: { about: 'annotations of crowds', default: 'keep', choices: ['keep', 'drop'] },
};

/** Microsoft COCO of a year, whose counts are those with every crowd. */
function coco(
  year: string,
  images: Readonly<Record<CocoOptions['emptyImages'], readonly [train: number, val: number]>>,
): PublishedSet<CocoOptions> {
  return {
    title: `MS-COCO ${year}`,
    source: 'https://cocodataset.org/#download',
    options,
    splits: { train: 'train', test: 'val' },
    protocol: multiLabelProtocol,
    expected: ({ emptyImages, crowd }) => {
      const [train, val] = images[emptyImages];
      const isKnown = emptyImages === 'keep' || crowd === 'keep';
      const splits: ExpectedSet['splits'] = isKnown ? { train: { images: train }, val: { images: val } } : {};
      return { classes: 80, names: cocoClasses, splits };
    },
  };
}

export const coco14: PublishedSet<CocoOptions> = coco('2014', { keep: [82783, 40504], drop: [82081, 40137] });

export const coco17: PublishedSet<CocoOptions> = coco('2017', { keep: [118287, 5000], drop: [117266, 4952] });
