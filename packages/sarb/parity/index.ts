import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { sarbBlendingAdapters } from './blending.ts';
import { sarbAdapters } from './networks.ts';
import { sarbTrainingAdapters } from './training.ts';

/** Comparisons of SARB with the authors' code. */
export const sarbParity: readonly ParityAdapters[] = [sarbBlendingAdapters, sarbAdapters, sarbTrainingAdapters];
