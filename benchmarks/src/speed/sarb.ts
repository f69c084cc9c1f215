import type { SpeedRow } from './row.ts';

export const sarbRows: readonly SpeedRow[] = [];
