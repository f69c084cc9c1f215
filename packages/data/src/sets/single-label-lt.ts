import { longTailedProtocol } from '../data-set.ts';
import type { NoOptions } from './multi-label-lt.ts';
import { md5Files, type PublishedFile, torchvision } from './published-file.ts';
import type { ExpectedSplit, PublishedSet } from './published-set.ts';

/** The properties that differ between the sets of Liu et al. (CVPR 2019). */
interface OpenLongTailed {
  readonly title: string;
  readonly classes: number;
  readonly names?: 'sorted';
  readonly train: ExpectedSplit;
  readonly files: readonly PublishedFile[];
  /** Number of images per class. */
  readonly perClass: { readonly val: number; readonly test: number };
}

function openLongTailed({ title, classes, names, train, files, perClass }: OpenLongTailed): PublishedSet<NoOptions> {
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
    files,
    expected: () => ({
      classes,
      ...(names && { names }),
      splits: { train, val: balanced(perClass.val), test: balanced(perClass.test) },
    }),
  };
}

/** ImageNet-LT. */
export const imagenetLt: PublishedSet<NoOptions> = openLongTailed({
  title: 'ImageNet-LT',
  classes: 1000,
  names: 'sorted',
  train: { images: 115846, largestClass: 1280, smallestClass: 5 },
  perClass: { val: 20, test: 50 },
  files: md5Files(torchvision('imagenet'), {
    'ILSVRC2012_img_train.tar': '1d675b47d978889d74fa0da5fadfb00e',
    'ILSVRC2012_img_val.tar': '29b22e2961454d5413ddabcf34fc5622',
  }),
});

/** Places-LT. */
export const placesLt: PublishedSet<NoOptions> = openLongTailed({
  title: 'Places-LT',
  classes: 365,
  train: { images: 62500, largestClass: 4980, smallestClass: 5 },
  perClass: { val: 20, test: 100 },
  files: md5Files(torchvision('places365'), {
    'train_large_places365standard.tar': '67e186b496a84c929568076ed01a8aa1',
    'val_large.tar': '9b71c4993ad89d2d8bcbdc4aef38042f',
    'train_256_places365standard.tar': '53ca1c756c3d1e7809517cc47c5561c5',
    'val_256.tar': 'e27b17d8d44f4af9a78502beb927f808',
  }),
});

/** iNaturalist 2018. Its test labels are not published, so `val` is used as the test split. */
export const inat18: PublishedSet<NoOptions> = {
  title: 'iNaturalist 2018',
  source: 'https://github.com/visipedia/inat_comp/tree/master/2018',
  options: {},
  splits: { train: 'train', test: 'val' },
  protocol: longTailedProtocol,
  files: md5Files('https://github.com/visipedia/inat_comp/tree/master/2018', {
    'train_val2018.tar.gz': 'b1c6952ce38f31868cc50ea72d066cc3',
    'train2018.json.tar.gz': 'bfa29d89d629cbf04d826a720c0a68b0',
    'val2018.json.tar.gz': 'f2ed8bfe3e9901cdefceb4e53cd3775d',
  }),
  expected: () => ({
    classes: 8142,
    splits: {
      train: { images: 437513, largestClass: 1000, smallestClass: 2 },
      val: { images: 24426, largestClass: 3, smallestClass: 3 },
    },
  }),
};
