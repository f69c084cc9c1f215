import { sarb, semanticTransfer } from '@ltml/sarb';
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
      quadrants: blending.quadrants && { ...blending.quadrants, every: 1 },
    },
    optimizer: { ...preset.optimizer, learningRate: 0.01 },
  }),
});

describeMethod({
  method: semanticTransfer,
  buffers: {
    wordFeatures: 'same',
    'GraphNeuralNetwork.adjacency': 'same',
    'queue.features': 'same',
    'queue.written': 'same',
    prototypes: 'same',
    prototypeCounts: 'same',
  },
  tiny: ({ intra, inter, ...preset }) => ({
    ...preset,
    epochs: 2,
    from: 1,
    features: 4,
    attention: { name: 'decoupling', innerFeatures: 3 },
    intra: intra && { ...intra, pairFeatures: 3, hiddenFeatures: 4 },
    inter: inter && {
      ...inter,
      references:
        inter.references.name === 'queue'
          ? { ...inter.references, size: 3 }
          : { ...inter.references, count: 2, every: 1 },
    },
    optimizer: { ...preset.optimizer, learningRate: 0.01 },
  }),
});
