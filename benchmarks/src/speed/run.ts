import { performance } from 'node:perf_hooks';
import type { PreparedRow, SpeedRow } from '../../../packages/tensor/bench/row.ts';
import type { SpeedPeer } from './peer.ts';

/** Medians of one row. */
export interface SpeedResult {
  readonly row: string;
  readonly engine: string;
  /** Milliseconds a call. */
  readonly ms: number;
  /** The peer's, in the same run; null without a peer, and where it has no such row. */
  readonly peerMs: number | null;
  /** ms / peerMs: below 1 we are faster. */
  readonly ratio: number | null;
  /** Milliseconds of the first call, which plans, compiles and fills caches. */
  readonly firstMs: number;
  /** Of them for recording the step, where it is a compiled one. */
  readonly traceMs: number | null;
  /** The peer's row under `torch.compile`, if asked for; null where that does not run. */
  readonly peerCompiledMs: number | null;
  /** Images that a call takes in. */
  readonly images?: number;
  /** The row that this one can't exceed. */
  readonly limit?: string;
}

export interface SpeedOptions {
  readonly engine: string;
  readonly peer?: SpeedPeer;
  /** Time the peer's rows under `torch.compile`, too; default false, since it takes a minute a row. */
  readonly peerCompiles?: boolean;
  /** Turns that each side gets; default 15. On a slow or busy machine fewer, see {@link seconds}. */
  readonly rounds?: number;
  /** Seconds after which a row gets no more than 5 turns, and after three times as many no more than 3; default 10. */
  readonly seconds?: number;
  /** Milliseconds that a turn should take at least, so that waking up and cold caches do not count; default 100. */
  readonly turn?: number;
  readonly onResult?: (result: SpeedResult) => void;
}

/**
 * Times rows one after the other. Both sides warm up, then take turns, so that whatever else the machine does hits them
 * alike; the median of the turns counts.
 */
export async function runSpeed(rows: readonly SpeedRow[], options: SpeedOptions): Promise<SpeedResult[]> {
  const results: SpeedResult[] = [];
  for (const row of rows) {
    const result = await timeRow(row, options);
    results.push(result);
    options.onResult?.(result);
  }
  return results;
}

async function timeRow(row: SpeedRow, options: SpeedOptions): Promise<SpeedResult> {
  const { engine, peer, peerCompiles = false, rounds = 15, seconds = 10, turn = 100 } = options;
  const ours = await row.prepare();
  try {
    const other = (await peer?.prepare(row)) ? peer : undefined;
    const timeOurs = (calls: number): Promise<number> => timeCalls(ours, calls);
    const timePeer = other && ((calls: number): Promise<number> => other.time(calls));
    const firstMs = await timeOurs(1);
    const calls = await warmUp(timeOurs, turn);
    const peerCalls = timePeer && (await warmUp(timePeer, turn));
    const ourTurns: number[] = [];
    const peerTurns: number[] = [];
    const start = performance.now();
    for (let round = 0; round < rounds; round++) {
      const spent = (performance.now() - start) / 1000;
      if ((round >= 5 && spent > seconds) || (round >= 3 && spent > 3 * seconds)) break;
      // Who goes first changes, since the second finds the caches as the first left them.
      const peerFirst = round % 2 === 1;
      if (timePeer && peerCalls && peerFirst) peerTurns.push(await timePeer(peerCalls));
      ourTurns.push(await timeOurs(calls));
      if (timePeer && peerCalls && !peerFirst) peerTurns.push(await timePeer(peerCalls));
    }
    const ms = median(ourTurns);
    const peerMs = other ? median(peerTurns) : null;
    return {
      row: row.name,
      engine,
      ms,
      peerMs,
      ratio: peerMs === null ? null : ms / peerMs,
      firstMs,
      traceMs: ours.traceMs?.() ?? null,
      ...(row.images !== undefined && { images: row.images }),
      ...(row.limit !== undefined && { limit: row.limit }),
      peerCompiledMs: other && peerCompiles ? await timeCompiled(other, turn) : null,
    };
  } finally {
    ours.dispose();
  }
}

/** Median milliseconds a call of the peer's row under `torch.compile`; null where that fails. */
async function timeCompiled(peer: SpeedPeer, turn: number): Promise<number | null> {
  if (!(await peer.compile?.())) return null;
  const timePeer = (calls: number): Promise<number> => peer.time(calls);
  const calls = await warmUp(timePeer, turn);
  const turns: number[] = [];
  for (let round = 0; round < 5; round++) turns.push(await timePeer(calls));
  return median(turns);
}

/** Calls for three turns, at least once, and returns how many calls fill a turn. */
async function warmUp(time: (calls: number) => Promise<number>, turn: number): Promise<number> {
  let calls = 1;
  let ms = await time(calls);
  for (let spent = ms; spent < 3 * turn; spent += ms * calls) {
    calls = Math.max(1, Math.min(2 * calls, Math.ceil(turn / ms)));
    ms = await time(calls);
  }
  return Math.max(1, Math.ceil(turn / ms));
}

async function timeCalls({ run }: PreparedRow, calls: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < calls; i++) await run();
  return (performance.now() - start) / calls;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
