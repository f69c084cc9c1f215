import type { SpeedRow } from './row.ts';

export const mktRows: readonly SpeedRow[] = [];
