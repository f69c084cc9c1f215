import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { mlcNcAdapters } from './adapters.ts';

/** What of MLC-NC is compared with the authors' code. */
export const mlcNcParity: readonly ParityAdapters[] = [mlcNcAdapters];
