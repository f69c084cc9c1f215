import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { coopAdapters } from './coop.ts';
import { lmptAdapters } from './lmpt.ts';

/** Comparisons of the methods with learned prompts with the authors' code. */
export const coopParity: readonly ParityAdapters[] = [coopAdapters, lmptAdapters];
