import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { labelCorrectionAdapters } from './label-correction.ts';
import { multiLabelAdapters } from './multi-label.ts';
import { singleLabelAdapters } from './single-label.ts';

/** What of the losses is compared with the authors' code. */
export const lossesParity: readonly ParityAdapters[] = [
  multiLabelAdapters,
  singleLabelAdapters,
  labelCorrectionAdapters,
];
