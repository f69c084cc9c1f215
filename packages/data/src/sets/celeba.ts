import { multiLabelProtocol } from '../data-set.ts';
import type { NoOptions } from './multi-label-lt.ts';
import { tfdsFiles } from './published-file.ts';
import type { PublishedSet } from './published-set.ts';

/** CelebFaces Attributes. */
export const celeba: PublishedSet<NoOptions> = {
  title: 'CelebA',
  source: 'https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html',
  options: {},
  splits: { train: 'train', validation: 'val', test: 'test' },
  protocol: multiLabelProtocol,
  files: tfdsFiles('celeb_a', {
    'img_align_celeba.zip': [1443490838, '46fb89443c578308acf364d7d379fe1b9efb793042c0af734b6112e4fd3a8c74'],
    'list_attr_celeba.txt': [26721026, 'f0e5da289d5ccf75ffe8811132694922b60f2af59256ed362afa03fefba324d0'],
    'list_eval_partition.txt': [2836386, 'fc955bcb3ef8fbdf7d5640d9a8693a8431b5f2ee291a5c1449a1549e7e073fe7'],
  }),
  expected: () => ({
    classes: 40,
    names: 'sorted',
    splits: { train: { images: 162770 }, val: { images: 19867 }, test: { images: 19962 } },
  }),
};
