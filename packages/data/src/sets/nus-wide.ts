import { multiLabelProtocol } from '../data-set.ts';
import type { PublishedSet } from './published-set.ts';

/** Options of `nus-wide`. */
export type NusWideOptions = {
  /** `all` (default): tags are seen classes, concepts unseen ones. `concepts`: only the 81 concepts, in both splits. */
  readonly labels: 'all' | 'concepts';
};

/** NUS-WIDE: 925 seen classes from tags and 81 unseen classes labelled by people; or only these 81. */
export const nusWide: PublishedSet<NusWideOptions> = {
  title: 'NUS-WIDE',
  source: 'https://lms.comp.nus.edu.sg/wp-content/uploads/2019/research/nuswide/NUS-WIDE.html',
  options: {
    labels: {
      about: 'all: tags are seen classes and concepts unseen ones; concepts: only the concepts, in both splits',
      default: 'all',
      choices: ['all', 'concepts'],
    },
  },
  splits: { train: 'train', test: 'test' },
  lists: 'Files that list the images of train or test, replacing the official ones: at least six splits are in use',
  protocol: multiLabelProtocol,
  expected: ({ labels }, listed = []) => ({
    classes: labels === 'all' ? 1006 : 81,
    splits: {
      ...(!listed.includes('train') && { train: { images: 161789 } }),
      // Computed from precision and recall in BiAM's public log, whose rounding leaves a range.
      ...(!listed.includes('test') && {
        test: { images: 107859, positives: labels === 'all' ? [733924, 734125] : [202370, 202406] },
      }),
    },
  }),
};
