import { multiLabelProtocol } from '../data-set.ts';
import { tfdsFiles } from './published-file.ts';
import type { PublishedSet } from './published-set.ts';

/** Options of `open-images` and `open-images-v6`. */
export type OpenImagesOptions = {
  /**
   * `human` (default): 1 present, 0 absent, no row unknown. `machine`: present from a confidence of 0.5, all others
   * unknown.
   */
  readonly labels: 'human' | 'machine';
};

const options: PublishedSet<OpenImagesOptions>['options'] = {
  labels: {
    about: 'human: 1 present, 0 absent, no row unknown; machine: present from confidence 0.5, all else unknown',
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
  files: tfdsFiles('open_images_v4', {
    'class-descriptions.csv': [475854, '6301d51a91632a2199060d3a0c8cd70904c95863f6867a5a7c4d24a031ee4062'],
    'train-annotations-human-imagelabels.csv': [
      1229488697,
      '847edf723587ab27dc4a95d4acdad45be1880fd45912f7154be9356f3d09f91f',
    ],
    'train-annotations-machine-imagelabels.csv': [
      3048336194,
      'fe453d5d362e8102c970431f015f3dcfc10352aef89b39b9471c4e57b9989c85',
    ],
    'test-annotations-human-imagelabels.csv': [
      69570530,
      'c8ff669500fc6f290d385f21abccbfbb8a69c49d1de8fe285e1c1d84ba2797fa',
    ],
    'test-annotations-machine-imagelabels.csv': [
      59773452,
      '5eff97f56b7b1ad93c27a9e4033ade684b37935788f1ce5e8561e33c459e480b',
    ],
  }),
  // The number of test images is not checked, because both 125,436 and 125,456 have been published.
  expected: () => ({ classes: 7586, splits: {} }),
};

/** Open Images v6 with its trainable classes. */
export const openImagesV6: PublishedSet<OpenImagesOptions> = {
  title: 'Open Images v6',
  source: 'https://storage.googleapis.com/openimages/web/download_v6.html',
  options,
  splits: { train: 'train', validation: 'validation', test: 'test' },
  protocol: multiLabelProtocol,
  expected: () => ({ classes: 9605, splits: {} }),
};
