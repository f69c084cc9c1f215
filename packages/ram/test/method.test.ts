import { ram } from '@ltml/ram';
import { describeMethod } from '../../train/test/describe-method.ts';

describeMethod({
  method: ram,
  // At the published rate a step moves a weight by less than a float can tell.
  tiny: (preset) => ({
    ...{ ...preset, epochs: 2, template: 'there is a {}', optimizer: { name: 'adamw', learningRate: 1e-3 } },
    schedule: { name: 'constant' },
  }),
  buffers: { labels: 'same' },
});
