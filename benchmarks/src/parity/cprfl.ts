import type { ParityAdapters } from './adapter.ts';

export const cprflAdapters: ParityAdapters = {};
