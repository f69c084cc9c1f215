import type { ParityAdapters } from '../../../benchmarks/src/parity/adapter.ts';
import { piaaAdapters } from './piaa.ts';
import { sparcAdapters } from './sparc.ts';

export const trainingFreeParity: readonly ParityAdapters[] = [piaaAdapters, sparcAdapters];
