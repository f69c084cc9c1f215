import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { liftAdapters } from './lift.ts';

/** Comparisons of LIFT with the authors' code. */
export const liftParity: readonly ParityAdapters[] = [liftAdapters];
