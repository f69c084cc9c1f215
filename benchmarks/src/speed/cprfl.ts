import type { SpeedRow } from './row.ts';

export const cprflRows: readonly SpeedRow[] = [];
