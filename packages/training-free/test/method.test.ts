import { piaa, sparc } from '@ltml/training-free';
import { describeMethod } from '../../train/test/describe-method.ts';

const templates = ['there is a {}'];

describeMethod({
  method: piaa,
  buffers: {
    labels: 'same',
    weight: 'same',
    bias: 'same',
    'bank.features': 'same',
    'bank.weights': 'same',
    'bank.entropies': 'same',
  },
  keeps: /^encoder\./,
  tiny: (preset) => ({ ...preset, patches: 'plain', templates, patchesOfClass: 5, onEmpty: 'first' }),
});

describeMethod({
  method: sparc,
  buffers: {
    labels: 'same',
    names: 'same',
    compounds: 'same',
    directions: 'same',
    ...Object.fromEntries(
      ['spread', 'together'].flatMap((sums) =>
        ['count', 'sums', 'products'].map((name) => [`${sums}.${name}`, 'same'] as const),
      ),
    ),
  },
  keeps: /^encoder\./,
  tiny: (preset) => ({ ...preset, templates, compounds: ['red in green', 'red in blue', 'the blue scene'] }),
});
