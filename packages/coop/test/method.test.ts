import { coop, lmpt, visionOnly } from '@ltml/coop';
import { describeMethod } from '../../train/test/describe-method.ts';

// At the published first rate a step of two epochs moves a context by less than a float can tell.
const schedule = { name: 'constant', warmup: null };
const training = (preset: object) => ({ ...preset, epochs: 2, schedule });

describeMethod({
  method: coop,
  tiny: (preset) => ({ ...training(preset), contextLength: { positive: 3, negative: 2 } }),
  buffers: { absent: 'same', present: 'same' },
  keeps: /^encoder\./,
});

describeMethod({ method: visionOnly, tiny: training, keeps: /^encoder\./ });

describeMethod({
  method: lmpt,
  tiny: (preset) => ({ ...training(preset), contextLength: 2, lambda: 1 }),
  buffers: { classes: 'same' },
  keeps: /^encoder\./,
});
