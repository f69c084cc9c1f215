import { type Protocol, singleLabelProtocol } from '../data-set.ts';
import type { NoOptions } from './multi-label-lt.ts';
import type { PublishedSet } from './published-set.ts';

/** Many from 101 training images, few below 20, as this literature has it. */
const protocol: Protocol = { ...singleLabelProtocol, groups: { counts: { headFrom: 101, tailBelow: 20 } } };

const splits = { train: 'train', validation: 'val', test: 'test' } as const;

const lists =
  'Files that list the images of a split: path and label a line, or JSON with annotations of fpath and category_id';

export const imagenetLt: PublishedSet<NoOptions> = {
  title: 'ImageNet-LT',
  source: 'https://liuziwei7.github.io/projects/LongTail.html',
  options: {},
  splits,
  lists,
  protocol,
  expected: () => ({
    classes: 1000,
    names: 'sorted',
    splits: {
      train: { images: 115846, largestClass: 1280, smallestClass: 5 },
      val: { images: 20000, largestClass: 20, smallestClass: 20 },
      test: { images: 50000, largestClass: 50, smallestClass: 50 },
    },
  }),
};

export const placesLt: PublishedSet<NoOptions> = {
  title: 'Places-LT',
  source: 'https://liuziwei7.github.io/projects/LongTail.html',
  options: {},
  splits,
  lists,
  protocol,
  expected: () => ({
    classes: 365,
    splits: {
      train: { images: 62500, largestClass: 4980, smallestClass: 5 },
      val: { images: 7300, largestClass: 20, smallestClass: 20 },
      test: { images: 36500, largestClass: 100, smallestClass: 100 },
    },
  }),
};

/** iNaturalist 2018, whose test labels are not published: `val` is what is scored. */
export const inat18: PublishedSet<NoOptions> = {
  title: 'iNaturalist 2018',
  source: 'https://github.com/visipedia/inat_comp/tree/master/2018',
  options: {},
  splits: { train: 'train', test: 'val' },
  protocol,
  expected: () => ({
    classes: 8142,
    splits: {
      train: { images: 437513, largestClass: 1000, smallestClass: 2 },
      val: { images: 24426, largestClass: 3, smallestClass: 3 },
    },
  }),
};
