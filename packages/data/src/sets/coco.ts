import { multiLabelProtocol } from '../data-set.ts';
import { type PublishedFile, tfdsFiles } from './published-file.ts';
import type { ExpectedSet, PublishedSet } from './published-set.ts';

/** Options of `coco14` and `coco17`. */
export type CocoOptions = {
  /** Whether images without a label are kept, in the order of the file, or dropped. Default `keep`. */
  readonly emptyImages: 'keep' | 'drop';
  /** Whether annotations of crowds count; default `keep`. */
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
    about: 'images without a label: keep, in the order of the file; drop, the others in order of first annotation',
    default: 'keep',
    choices: ['keep', 'drop'],
  },
  crowd: { about: 'whether annotations of crowds count', default: 'keep', choices: ['keep', 'drop'] },
};

const files2014 = tfdsFiles('coco', {
  'train2014.zip': [13510573713, 'ede4087e640bddba550e090eae701092534b554b42b05ac33f0300b984b31775'],
  'val2014.zip': [6645013297, 'fe9be816052049c34717e077d9e34aa60814a55679f804cd043e3cbee3b9fde0'],
  'annotations_trainval2014.zip': [252872794, '031296bbc80c45a1d1f76bf9a90ead27e94e99ec629208449507a4917a3bf009'],
});

/** The archives of MS-COCO 2017. */
export const coco17Files: readonly PublishedFile[] = tfdsFiles('coco', {
  'train2017.zip': [19336861798, '69a8bb58ea5f8f99d24875f21416de2e9ded3178e903f1f7603e283b9e06d929'],
  'val2017.zip': [815585330, '4f7e2ccb2866ec5041993c9cf2a952bbed69647b115d0f74da7ce8f4bef82f05'],
  'annotations_trainval2017.zip': [252907541, '113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268'],
});

/** Microsoft COCO of a year, whose counts are those with every crowd. */
function coco(
  year: string,
  images: Readonly<Record<CocoOptions['emptyImages'], readonly [train: number, val: number]>>,
  files: readonly PublishedFile[],
): PublishedSet<CocoOptions> {
  return {
    title: `MS-COCO ${year}`,
    source: 'https://cocodataset.org/#download',
    options,
    splits: { train: 'train', test: 'val' },
    protocol: multiLabelProtocol,
    files,
    expected: ({ emptyImages, crowd }) => {
      const [train, val] = images[emptyImages];
      const isKnown = emptyImages === 'keep' || crowd === 'keep';
      const splits: ExpectedSet['splits'] = isKnown ? { train: { images: train }, val: { images: val } } : {};
      return { classes: 80, names: cocoClasses, splits };
    },
  };
}

/** MS-COCO 2014. */
export const coco14: PublishedSet<CocoOptions> = coco(
  '2014',
  { keep: [82783, 40504], drop: [82081, 40137] },
  files2014,
);

/** MS-COCO 2017. */
export const coco17: PublishedSet<CocoOptions> = coco(
  '2017',
  { keep: [118287, 5000], drop: [117266, 4952] },
  coco17Files,
);
