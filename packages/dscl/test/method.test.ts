import { dscl } from '@ltml/dscl';
import { describeMethod } from '../../train/test/describe-method.ts';

describeMethod({
  method: dscl,
  buffers: { 'queue.keys': 'same', 'queue.labels': 'same', 'queue.pointer': 'same', 'queue.pointers': 'same' },
  tiny: (preset) => ({
    ...preset,
    dimension: 5,
    viewSize: 12,
    queue: { ...preset.queue, size: 9 },
    patches: { ...preset.patches, count: 2, size: 8 },
    pretrain: { ...preset.pretrain, epochs: 1, schedule: { ...preset.pretrain.schedule, warmup: null } },
    classify: {
      ...preset.classify,
      epochs: 1,
      optimizer: { ...preset.classify.optimizer, learningRate: 1 },
      schedule: { name: 'constant', warmup: null },
    },
  }),
});
