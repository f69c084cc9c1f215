import { multiLabelProtocol } from '../data-set.ts';
import type { PublishedSet } from './published-set.ts';

/** Options of `vg`. */
export type VisualGenomeOptions = {
  /** Number of most frequent object names that become classes, from 1; default 200. */
  readonly classes: number;
  /** Whether to keep the four pictures that are known to be corrupt; default `drop`. */
  readonly corrupt: 'keep' | 'drop';
};

/** Visual Genome with its most frequent classes: VG-200, VG-500. */
export const visualGenome: PublishedSet<VisualGenomeOptions> = {
  title: 'Visual Genome (VG-200, VG-500)',
  source: 'https://homes.cs.washington.edu/~ranjay/visualgenome/api.html',
  options: {
    classes: { about: 'number of most frequent object names that become classes', default: 200, min: 1, whole: true },
    corrupt: {
      about: 'whether to keep the four pictures that are known to be corrupt',
      default: 'drop',
      choices: ['keep', 'drop'],
    },
  },
  splits: { train: 'train', test: 'test' },
  lists:
    'Files that list the pictures of train and test, one file name per line (the split `all` needs none); ' +
    '`labels`: class indices by file name, replacing the counted labels',
  protocol: multiLabelProtocol,
  expected: ({ classes, corrupt }) => ({
    classes,
    splits: { all: { images: corrupt === 'keep' ? 108077 : 108073 }, test: { images: 10000 } },
  }),
};
