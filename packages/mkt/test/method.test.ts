import { mkt } from '@ltml/mkt';
import { describeMethod } from '../../train/test/describe-method.ts';

describeMethod({
  method: mkt,
  keeps: /^student\..*\.running_/,
  tiny: (preset) => ({
    ...preset,
    topK: 3,
    distil: { ...preset.distil, epochs: 1, warmupEpochs: 0, fixLayer: Math.min(preset.distil.fixLayer, 0) },
    prompt: { ...preset.prompt, epochs: 1 },
  }),
});
