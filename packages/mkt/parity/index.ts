import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { mktAdapters } from './networks.ts';

/** What of MKT is compared with the authors' code. */
export const mktParity: readonly ParityAdapters[] = [mktAdapters];
