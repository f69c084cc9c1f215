import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { mlcNcAdapters } from './adapters.ts';

/** Comparisons of MLC-NC with the authors' code. */
export const mlcNcParity: readonly ParityAdapters[] = [mlcNcAdapters];
