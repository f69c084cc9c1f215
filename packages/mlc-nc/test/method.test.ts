import { mlcNc } from '@ltml/mlc-nc';
import { describeMethod } from '../../train/test/describe-method.ts';

describeMethod({
  method: mlcNc,
  // The published average moves a temperature of 1 by less than a float can tell in two steps.
  tiny: (preset) => ({
    ...{ ...preset, epochs: 2, width: 8, projection: 4, heads: 2, alignmentEpochs: 1, averageDecay: 0.5 },
  }),
  buffers: {
    'head.class_vectors': 'same',
    'head.classifier_etf': 'same',
    prototype_sums: 'same',
    prototype_counts: 'same',
    prototypes: 'same',
  },
});
