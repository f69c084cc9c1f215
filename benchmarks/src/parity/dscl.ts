import type { ParityAdapters } from './adapter.ts';

export const dsclAdapters: ParityAdapters = {};
