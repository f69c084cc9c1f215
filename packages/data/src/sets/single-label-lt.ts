import { longTailedProtocol } from '../data-set.ts';
import type { NoOptions } from './multi-label-lt.ts';
import type { ExpectedSplit, PublishedSet } from './published-set.ts';

/** What differs between the sets of Liu et al. (CVPR 2019). */
interface OpenLongTailed {
  readonly title: string;
  readonly classes: number;
  readonly names?: 'sorted';
  readonly train: ExpectedSplit;
  /** Images of each class. */
  readonly perClass: { readonly val: number; readonly test: number };
}

function openLongTailed({ title, classes, names, train, perClass }: OpenLongTailed): PublishedSet<NoOptions> {
  const balanced = (images: number): ExpectedSplit => ({
    images: classes * images,
    largestClass: images,
    smallestClass: images,
  });
  return {
    title,
    source: 'https://liuziwei7.github.io/projects/LongTail.html',
    options: {},
    splits: { train: 'train', validation: 'val', test: 'test' },
    lists:
      'Files that list the images of a split: path and label a line, or JSON with annotations of fpath and category_id',
    protocol: longTailedProtocol,
    expected: () => ({
      classes,
      ...(names && { names }),
      splits: { train, val: balanced(perClass.val), test: balanced(perClass.test) },
    }),
  };
}

export const imagenetLt: PublishedSet<NoOptions> = openLongTailed({
  title: 'ImageNet-LT',
  classes: 1000,
  names: 'sorted',
  train: { images: 115846, largestClass: 1280, smallestClass: 5 },
  perClass: { val: 20, test: 50 },
});

export const placesLt: PublishedSet<NoOptions> = openLongTailed({
  title: 'Places-LT',
  classes: 365,
  train: { images: 62500, largestClass: 4980, smallestClass: 5 },
  perClass: { val: 20, test: 100 },
});

/** iNaturalist 2018, whose test labels are not published: `val` is what is scored. */
export const inat18: PublishedSet<NoOptions> = {
  title: 'iNaturalist 2018',
  source: 'https://github.com/visipedia/inat_comp/tree/master/2018',
  options: {},
  splits: { train: 'train', test: 'val' },
  protocol: longTailedProtocol,
  expected: () => ({
    classes: 8142,
    splits: {
      train: { images: 437513, largestClass: 1000, smallestClass: 2 },
      val: { images: 24426, largestClass: 3, smallestClass: 3 },
    },
  }),
};
