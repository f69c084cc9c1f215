import { singleLabelProtocol } from '../data-set.ts';
import type { NoOptions } from './multi-label-lt.ts';
import { tfdsFiles } from './published-file.ts';
import type { PublishedSet } from './published-set.ts';

/** Caltech-UCSD Birds of 2011, not of 2010. */
export const cub: PublishedSet<NoOptions> = {
  title: 'CUB-200-2011',
  source: 'https://www.vision.caltech.edu/datasets/cub_200_2011/',
  options: {},
  splits: { train: 'train', test: 'test' },
  protocol: singleLabelProtocol,
  files: tfdsFiles('caltech_birds2011', {
    'CUB_200_2011.tgz': [1150585339, '0c685df5597a8b24909f6a7c9db6d11e008733779a671760afef78feb49bf081'],
  }),
  expected: () => ({ classes: 200, names: 'sorted', splits: { train: { images: 5994 }, test: { images: 5794 } } }),
};
