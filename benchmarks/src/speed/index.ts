export type { SpeedRow } from '../../../packages/tensor/bench/row.ts';
export { CheckoutPeer } from './checkout-peer.ts';
export { formatMemory, formatSpeed } from './format.ts';
export { type MemoryResult, measureMemory } from './memory.ts';
export type { SpeedPeer } from './peer.ts';
export { type SpeedTopic, speedRows } from './rows.ts';
export { runSpeed, type SpeedResult } from './run.ts';
export { TorchPeer } from './torch-peer.ts';
