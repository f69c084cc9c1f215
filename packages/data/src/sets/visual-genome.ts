import { multiLabelProtocol } from '../data-set.ts';
import type { PublishedSet } from './published-set.ts';

export type VisualGenomeOptions = {
  readonly classes: number;
  readonly corrupt: 'keep' | 'drop';
};

/** Visual Genome with its most frequent classes: VG-200, VG-500. */
export const visualGenome: PublishedSet<VisualGenomeOptions> = {
  title: 'Visual Genome (VG-200, VG-500)',
  source: 'https://homes.cs.washington.edu/~ranjay/visualgenome/api.html',
  options: {
    classes: { about: 'how many of the most frequent object names are classes', default: 200, min: 1, whole: true },
    corrupt: {
      about: 'the four pictures that are known to be corrupt',
      default: 'drop',
      choices: ['keep', 'drop'],
    },
  },
  splits: { train: 'train', test: 'test' },
  lists:
    'Files that list the pictures of train and test, a file name a line (the split `all` needs none); `labels`: class indices by file name, in place of those that are counted',
  protocol: multiLabelProtocol,
  expected: ({ classes, corrupt }) => ({
    classes,
    splits: { all: { images: corrupt === 'keep' ? 108077 : 108073 }, test: { images: 10000 } },
  }),
};
