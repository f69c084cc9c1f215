import { lift, liftHead } from '@ltml/lift';
import { describeMethod } from '../../train/test/describe-method.ts';

const training = { epochs: 2, templates: ['there is a {}'] };
const buffers = { class_sums: 'mean', class_counts: 'mean' } as const;

describeMethod({
  method: lift,
  tiny: (preset) => ({ ...preset, ...training, adapters: { bottleneck: 3, last: null } }),
  buffers,
  keeps: /^encoder\.(?!block\.adapter)/,
});

describeMethod({ method: liftHead, tiny: (preset) => ({ ...preset, ...training }), buffers, keeps: /^encoder\./ });
