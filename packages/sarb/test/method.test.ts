import { sarb } from '@ltml/sarb';
import { describeMethod } from '../../train/test/describe-method.ts';

describeMethod({
  method: sarb,
  buffers: {
    wordFeatures: 'same',
    'GraphNeuralNetwork.adjacency': 'same',
    prototypes: 'same',
    prototypeCounts: 'same',
  },
  tiny: ({ attention, blending, ...preset }) => ({
    ...preset,
    epochs: 2,
    features: 4,
    attention: attention.name === 'masks' ? attention : { ...attention, innerFeatures: 3 },
    blending: {
      ...blending,
      from: 1,
      prototypes: blending.prototypes && { ...blending.prototypes, count: 2, every: 1 },
    },
    optimizer: { ...preset.optimizer, learningRate: 0.01 },
  }),
});
