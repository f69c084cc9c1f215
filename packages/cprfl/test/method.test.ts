import { cprfl } from '@ltml/cprfl';
import { describeMethod } from '../../train/test/describe-method.ts';

describeMethod({
  method: cprfl,
  buffers: { 'head.class_embeddings': 'same' },
  tiny: (preset) => ({
    ...preset,
    width: 6,
    epochs: 2,
    schedule: preset.schedule.name === 'oneCycle' ? { ...preset.schedule, epochs: 3 } : preset.schedule,
    optimizer: { ...preset.optimizer, learningRate: 0.01 },
    vsi: preset.vsi && { ...preset.vsi, heads: 2, headWidth: 3, hiddenWidth: 7 },
  }),
});
