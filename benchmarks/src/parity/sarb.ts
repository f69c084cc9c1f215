import type { ParityAdapters } from './adapter.ts';

export const sarbAdapters: ParityAdapters = {};
