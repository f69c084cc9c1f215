import { multiLabelProtocol } from '../data-set.ts';
import { coco17Files, cocoClasses } from './coco.ts';
import type { PublishedFile } from './published-file.ts';
import type { ExpectedSplit, PublishedSet } from './published-set.ts';
import { voc07TestCounts, vocClasses, vocCounts, vocLongTailFiles } from './voc.ts';

/** The options of a data set that has none. */
export type NoOptions = Record<never, never>;

const lists =
  'Files that list the images of train or test: ids, paths with class indices, or JSON with vectors by file name';

const cocoCounts = (counts: readonly number[]): Readonly<Record<string, number>> =>
  Object.fromEntries(cocoClasses.map((name, c) => [name, counts[c]]));

interface LongTailed {
  readonly title: string;
  readonly source: string;
  readonly names: readonly string[];
  readonly files: readonly PublishedFile[];
  readonly train: ExpectedSplit;
  readonly test: ExpectedSplit;
}

function longTailed({ title, source, names, files, train, test }: LongTailed): PublishedSet<NoOptions> {
  return {
    title,
    source,
    options: {},
    splits: { train: 'train', test: 'test' },
    lists,
    protocol: multiLabelProtocol,
    files,
    expected: () => ({ classes: names.length, names, splits: { train, test } }),
  };
}

const vocTest: ExpectedSplit = { images: 4952, classCounts: voc07TestCounts };

const cocoTest: ExpectedSplit = {
  images: 5000,
  classCounts: cocoCounts([
    2693, 149, 535, 159, 97, 189, 157, 250, 121, 191, 86, 69, 37, 235, 125, 184, 177, 128, 65, 87, 89, 49, 85, 101, 228,
    174, 292, 145, 105, 84, 120, 49, 169, 91, 97, 100, 127, 149, 167, 379, 110, 390, 155, 181, 153, 314, 103, 76, 98,
    85, 71, 81, 51, 153, 62, 124, 580, 195, 172, 149, 501, 149, 207, 183, 88, 145, 106, 214, 54, 115, 8, 187, 101, 230,
    204, 137, 28, 94, 9, 34,
  ]),
};

/** VOC-MLT, also called VOC-LT. */
export const vocMlt: PublishedSet<NoOptions> = longTailed({
  title: 'VOC-MLT (VOC-LT)',
  source: 'https://github.com/wutong16/DistributionBalancedLoss',
  names: vocClasses,
  files: vocLongTailFiles,
  train: {
    images: 1142,
    classCounts: vocCounts([6, 34, 8, 14, 154, 17, 249, 29, 479, 4, 240, 48, 11, 20, 775, 100, 5, 82, 7, 64]),
  },
  test: vocTest,
});

/** COCO-MLT, also called COCO-LT. */
export const cocoMlt: PublishedSet<NoOptions> = longTailed({
  title: 'COCO-MLT (COCO-LT)',
  source: 'https://github.com/wutong16/DistributionBalancedLoss',
  names: cocoClasses,
  files: coco17Files,
  train: {
    images: 1909,
    classCounts: cocoCounts([
      1128, 37, 276, 32, 9, 41, 18, 87, 20, 50, 11, 13, 8, 97, 19, 49, 70, 17, 7, 10, 8, 6, 7, 7, 100, 39, 189, 31, 24,
      11, 12, 8, 35, 10, 25, 21, 17, 10, 20, 460, 84, 498, 126, 207, 173, 366, 39, 35, 44, 36, 29, 25, 14, 45, 16, 73,
      585, 153, 164, 44, 624, 25, 200, 137, 70, 89, 73, 127, 91, 175, 9, 237, 119, 292, 87, 113, 15, 21, 6, 11,
    ]),
  },
  test: cocoTest,
});

/** PLT-VOC: VOC-LT with 40 % of the labels missing. */
export const pltVoc: PublishedSet<NoOptions> = longTailed({
  title: 'PLT-VOC',
  source: 'https://github.com/wannature/COMIC',
  names: vocClasses,
  files: vocLongTailFiles,
  train: { images: 1142 },
  test: vocTest,
});

/** PLT-COCO: COCO-LT with 40 % of the labels missing. */
export const pltCoco: PublishedSet<NoOptions> = longTailed({
  title: 'PLT-COCO',
  source: 'https://github.com/wannature/COMIC',
  names: cocoClasses,
  files: coco17Files,
  train: { images: 1909 },
  test: cocoTest,
});
