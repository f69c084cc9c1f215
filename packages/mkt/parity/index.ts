import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { mktAdapters } from './networks.ts';

/** Comparisons of MKT with the authors' code. */
export const mktParity: readonly ParityAdapters[] = [mktAdapters];
