import { multiLabelProtocol } from '../data-set.ts';
import type { NoOptions } from './multi-label-lt.ts';
import type { PublishedSet } from './published-set.ts';

/** CelebFaces Attributes. */
export const celeba: PublishedSet<NoOptions> = {
  title: 'CelebA',
  source: 'https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html',
  options: {},
  splits: { train: 'train', validation: 'val', test: 'test' },
  protocol: multiLabelProtocol,
  expected: () => ({
    classes: 40,
    names: 'sorted',
    splits: { train: { images: 162770 }, val: { images: 19867 }, test: { images: 19962 } },
  }),
};
