import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { ramAdapters } from './ram.ts';

/** What of RAM is compared with the authors' code. */
export const ramParity: readonly ParityAdapters[] = [ramAdapters];
