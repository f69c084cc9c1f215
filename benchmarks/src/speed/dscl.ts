import type { SpeedRow } from './row.ts';

export const dsclRows: readonly SpeedRow[] = [];
