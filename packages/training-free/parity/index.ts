import type { ParityAdapters } from '../../../benchmarks/src/parity/adapter.ts';
import { piaaAdapters } from './piaa.ts';
import { sparcAdapters } from './sparc.ts';
import { tagclipAdapters } from './tagclip.ts';

export const trainingFreeParity: readonly ParityAdapters[] = [piaaAdapters, sparcAdapters, tagclipAdapters];
