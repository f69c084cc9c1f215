import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { ramAdapters } from './ram.ts';

/** Comparisons of RAM with the authors' code. */
export const ramParity: readonly ParityAdapters[] = [ramAdapters];
