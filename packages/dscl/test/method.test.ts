import { dscl } from '@ltml/dscl';
import { describeMethod } from '../../train/test/describe-method.ts';

describeMethod({
  method: dscl,
  tiny: (preset) => ({
    ...preset,
    dimension: 5,
    viewSize: 12,
    queue: { ...preset.queue, size: 9 },
    patches: { ...preset.patches, count: 2, size: 8 },
    pretrain: { ...preset.pretrain, epochs: 1, warmupEpochs: 0 },
    classify: { ...preset.classify, epochs: 1, milestones: [], learningRate: 1 },
  }),
});
