import { longTailedProtocol } from '../data-set.ts';
import { tfdsFiles } from './published-file.ts';
import type { PublishedSet } from './published-set.ts';

export type Cifar100LtOptions = {
  readonly imbalance: number;
  readonly kind: 'exponential' | 'step';
  readonly seed: number;
};

const perClass = 500;

/**
 * Images of each class, largest first: 500·r^(−c/99), rounded down (`exponential`); or 500 of the first half of the classes and
 * 500/r of the second (`step`).
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
      about: 'images of the largest class over those of the smallest; 1: all training images of CIFAR-100',
      default: 100,
      min: 1,
      whole: false,
    },
    kind: {
      about: 'how class sizes fall',
      default: 'exponential',
      choices: ['exponential', 'step'],
    },
    seed: { about: 'of what is drawn; 0 in the released code', default: 0, min: 0, whole: true },
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
