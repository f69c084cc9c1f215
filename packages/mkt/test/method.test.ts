import { mkt } from '@ltml/mkt';
import { describeMethod } from '../../train/test/describe-method.ts';

describeMethod({
  method: mkt,
  buffers: { labels: 'same' },
  keeps: /^student\..*\.running_/,
  tiny: (preset) => ({
    ...preset,
    topK: 3,
    distil: {
      ...preset.distil,
      epochs: 1,
      schedule: { ...preset.distil.schedule, warmup: null },
      fixLayer: Math.min(preset.distil.fixLayer, 0),
    },
    prompt: { ...preset.prompt, epochs: 1 },
  }),
});
