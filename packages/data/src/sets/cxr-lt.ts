import { type Protocol, singleLabelProtocol } from '../data-set.ts';
import type { NoOptions } from './multi-label-lt.ts';
import type { PublishedSet } from './published-set.ts';

/** Head classes have at least 1,000 training images and tail classes fewer than 100, as in the benchmark. */
const protocol: Protocol = { ...singleLabelProtocol, groups: { counts: { headFrom: 1000, tailBelow: 100 } } };

function cxrLt(title: string, source: string, classes: number): PublishedSet<NoOptions> {
  return {
    title,
    source,
    options: {},
    splits: { train: 'train', validation: 'balanced-val', test: 'balanced-test' },
    protocol,
    expected: () => ({ classes, splits: {} }),
  };
}

/** Chest X-rays of the National Institutes of Health, one finding per image. */
export const nihCxrLt: PublishedSet<NoOptions> = cxrLt('NIH-CXR-LT', 'https://nihcc.app.box.com/v/ChestXray-NIHCC', 20);

/** Chest X-rays of MIMIC-CXR, one finding per image. */
export const mimicCxrLt: PublishedSet<NoOptions> = cxrLt(
  'MIMIC-CXR-LT',
  'https://github.com/VITA-Group/LongTailCXR',
  19,
);
