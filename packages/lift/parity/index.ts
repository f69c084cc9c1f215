import type { ParityAdapters } from '../../../benchmarks/src/parity/adapter.ts';
import { liftAdapters } from './lift.ts';

/** What of LIFT is compared with the authors' code. */
export const liftParity: readonly ParityAdapters[] = [liftAdapters];
