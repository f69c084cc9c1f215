export { formatSpeed } from './format.ts';
export { TorchPeer } from './peer.ts';
export { type SpeedTopic, speedRows } from './rows.ts';
export { runSpeed, type SpeedResult } from './run.ts';
