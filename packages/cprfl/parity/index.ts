import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { cprflHeadAdapters } from './head.ts';
import { cprflLossAdapters } from './losses.ts';
import { cprflAdapters } from './networks.ts';
import { cprflTrainingAdapters } from './training.ts';

/** Comparisons of CPRFL with the authors' code. */
export const cprflParity: readonly ParityAdapters[] = [
  cprflHeadAdapters,
  cprflLossAdapters,
  cprflAdapters,
  cprflTrainingAdapters,
];
