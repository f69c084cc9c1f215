import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { coopAdapters } from './coop.ts';
import { lmptAdapters } from './lmpt.ts';

/** What of the methods with learned prompts is compared with the authors' code. */
export const coopParity: readonly ParityAdapters[] = [coopAdapters, lmptAdapters];
