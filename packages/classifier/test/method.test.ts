import { classifier } from '@ltml/classifier';
import { describeMethod } from '../../train/test/describe-method.ts';

describeMethod({
  method: classifier,
  tiny: (preset) => ({ ...preset, epochs: 2, neck: preset.neck && { ...preset.neck, width: 5 } }),
});
