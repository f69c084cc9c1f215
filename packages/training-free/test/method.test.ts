import { piaa } from '@ltml/training-free';
import { describeMethod } from '../../train/test/describe-method.ts';

describeMethod({
  method: piaa,
  buffers: {
    labels: 'same',
    weight: 'same',
    bias: 'same',
    'bank.features': 'gather',
    'bank.weights': 'gather',
    'bank.entropies': 'gather',
  },
  keeps: /^encoder\./,
  tiny: (preset) => ({
    ...preset,
    patches: 'plain',
    templates: ['there is a {}'],
    patchesOfClass: 5,
    onEmpty: 'first',
  }),
});
