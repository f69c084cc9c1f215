export { formatMemory, formatSpeed } from './format.ts';
export { type MemoryResult, measureMemory } from './memory.ts';
export { TorchPeer } from './peer.ts';
export { type SpeedTopic, speedRows } from './rows.ts';
export { runSpeed, type SpeedResult } from './run.ts';
