import { multiLabelProtocol } from '../data-set.ts';
import type { PublishedSet } from './published-set.ts';

export type OpenImagesOptions = {
  readonly labels: 'human' | 'machine';
};

const options: PublishedSet<OpenImagesOptions>['options'] = {
  labels: {
    about: 'human: 1 present, 0 absent, no row unknown; machine: 0.5 or more present, all else unknown',
    default: 'human',
    choices: ['human', 'machine'],
  },
};

/** Open Images v4 with 7,186 seen and 400 unseen classes. */
export const openImages: PublishedSet<OpenImagesOptions> = {
  title: 'Open Images v4',
  source: 'https://storage.googleapis.com/openimages/web/download_v4.html',
  options,
  splits: { train: 'train', test: 'test' },
  protocol: multiLabelProtocol,
  // How many test images there are is not checked: 125,436 and 125,456 have both been published.
  expected: () => ({ classes: 7586, splits: {} }),
};

/** Open Images v6 with its trainable classes. */
export const openImagesV6: PublishedSet<OpenImagesOptions> = {
  title: 'Open Images v6',
  source: 'https://storage.googleapis.com/openimages/web/download_v7.html',
  options,
  splits: { train: 'train', validation: 'validation', test: 'test' },
  protocol: multiLabelProtocol,
  expected: () => ({ classes: 9605, splits: {} }),
};
