import type { ParityAdapters } from './adapter.ts';

export const mktAdapters: ParityAdapters = {};
