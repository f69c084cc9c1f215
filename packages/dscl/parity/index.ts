import type { ParityAdapters } from '../../tensor/parity/adapter.ts';
import { contrastiveFamilyAdapters } from './contrastive-family.ts';
import { dsclAdapters } from './losses.ts';

/** Comparisons of DSCL with the authors' code. */
export const dsclParity: readonly ParityAdapters[] = [dsclAdapters, contrastiveFamilyAdapters];
