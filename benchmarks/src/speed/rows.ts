import { optimizerRows } from './optim.ts';
import type { SpeedRow } from './row.ts';

/** Rows of the speed suite by topic. */
export const speedRows = { optim: optimizerRows } as const satisfies Readonly<Record<string, readonly SpeedRow[]>>;

export type SpeedTopic = keyof typeof speedRows;
