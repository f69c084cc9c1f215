import { performance } from 'node:perf_hooks';
import type { PreparedRow, SpeedRow } from '../../../packages/tensor/bench/row.ts';
import type { SpeedPeer } from './peer.ts';

/** Result of one row: medians over turns. */
export interface SpeedResult {
  readonly row: string;
  readonly engine: string;
  /** Milliseconds per call. */
  readonly ms: number;
  /** Milliseconds per call of the peer, in the same run. Null without a peer, or if it has no such row. */
  readonly peerMs: number | null;
  /** ms / peerMs: below 1 we are faster. */
  readonly ratio: number | null;
  /** Milliseconds of the first call, which plans, compiles and fills caches. */
  readonly firstMs: number;
  /** Milliseconds of the first call for recording a compiled step. Null if the row is not compiled. */
  readonly traceMs: number | null;
  /** Milliseconds per call of the peer with `torch.compile`, if requested. Null if that does not work. */
  readonly peerCompiledMs: number | null;
  /** Images per call. */
  readonly images?: number;
  /** Name of the row that is the upper limit of this one. */
  readonly limit?: string;
}

/** Options of {@link runSpeed}. */
export interface SpeedOptions {
  readonly engine: string;
  readonly peer?: SpeedPeer;
  /** Also times the peer's rows with `torch.compile`, which takes a minute per row. Default false. */
  readonly peerCompiles?: boolean;
  /** Number of turns of each side. Slow rows get fewer, see {@link seconds}. Default 15. */
  readonly rounds?: number;
  /** After this many seconds a row gets at most 5 turns, after three times as many at most 3. Default 10. */
  readonly seconds?: number;
  /** Minimum length of a turn in milliseconds, so that wake-up times and cold caches do not matter. Default 100. */
  readonly turn?: number;
  readonly onResult?: (result: SpeedResult) => void;
}

/**
 * Times rows one after the other. Both sides warm up and then take turns, so that other load on the machine affects
 * both. The result is the median over the turns.
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
      // Alternate which side goes first, because the second one finds the caches that the first one left.
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

/** Median milliseconds per call of the peer's row with `torch.compile`. Null if that fails. */
async function timeCompiled(peer: SpeedPeer, turn: number): Promise<number | null> {
  if (!(await peer.compile?.())) return null;
  const timePeer = (calls: number): Promise<number> => peer.time(calls);
  const calls = await warmUp(timePeer, turn);
  const turns: number[] = [];
  for (let round = 0; round < 5; round++) turns.push(await timePeer(calls));
  return median(turns);
}

/** Warms up for three turns, with at least one call. Returns the number of calls that fill a turn. */
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
