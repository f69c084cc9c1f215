import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { piaaAdapters } from './piaa.ts';
import { sparcAdapters } from './sparc.ts';
import { tagclipAdapters } from './tagclip.ts';

export const trainingFreeParity: readonly ParityAdapters[] = [piaaAdapters, sparcAdapters, tagclipAdapters];
