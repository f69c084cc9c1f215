import { longTailedProtocol } from '../data-set.ts';
import { tfdsFiles } from './published-file.ts';
import type { PublishedSet } from './published-set.ts';

/** Options of `cifar-100-lt`. */
export type Cifar100LtOptions = {
  /** r ≥ 1, the size of the largest class divided by that of the smallest; default 100. */
  readonly imbalance: number;
  /** How class sizes decrease, see {@link cifar100LtCounts}; default `exponential`. */
  readonly kind: 'exponential' | 'step';
  /** Seed of the draw, a whole number from 0; default 0, as in the released code. */
  readonly seed: number;
};

const perClass = 500;

/**
 * Class sizes, largest first. `exponential`: 500·r^(−c/99), rounded down. `step`: 500 for the first half of the classes
 * and 500/r for the second.
 *
 * Source: Cao et al. (LDAM-DRW, NeurIPS 2019), released code.
 */
export function cifar100LtCounts({ imbalance, kind }: Omit<Cifar100LtOptions, 'seed'>, classes: number): Int32Array {
  const factor = 1 / imbalance;
  return Int32Array.from({ length: classes }, (_, c) => {
    const share = kind === 'exponential' ? factor ** (c / (classes - 1)) : c < Math.floor(classes / 2) ? 1 : factor;
    return Math.floor(perClass * share);
  });
}

/** CIFAR-100-LT. */
export const cifar100Lt: PublishedSet<Cifar100LtOptions> = {
  title: 'CIFAR-100-LT',
  source: 'https://www.cs.toronto.edu/~kriz/cifar.html',
  options: {
    imbalance: {
      about: 'size of the largest class divided by that of the smallest; 1: all training images of CIFAR-100',
      default: 100,
      min: 1,
      whole: false,
    },
    kind: {
      about: 'how class sizes decrease',
      default: 'exponential',
      choices: ['exponential', 'step'],
    },
    seed: { about: 'seed of the draw; 0 in the released code', default: 0, min: 0, whole: true },
  },
  splits: { train: 'train', test: 'test' },
  protocol: longTailedProtocol,
  files: tfdsFiles('cifar100', {
    'cifar-100-binary.tar.gz': [168513733, '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec'],
  }),
  expected: (options) => {
    const counts = cifar100LtCounts(options, 100);
    return {
      classes: 100,
      names: 'sorted',
      splits: {
        train: {
          images: counts.reduce((sum, count) => sum + count, 0),
          largestClass: perClass,
          smallestClass: counts[99],
        },
        test: { images: 10000, largestClass: 100, smallestClass: 100 },
      },
    };
  },
};
