import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { liftAdapters } from './lift.ts';

/** What of LIFT is compared with the authors' code. */
export const liftParity: readonly ParityAdapters[] = [liftAdapters];
