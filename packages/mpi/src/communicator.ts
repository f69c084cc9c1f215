import type { Communicator } from '@ltml/tensor/contract';
import { type MpiCalls, mpiCalls } from './calls.ts';
import { findLibrary } from './library.ts';
import { watchNeighbours } from './neighbour-watch.ts';
import { checkNeighbours, neighboursOf, ownPeer, type Peer } from './peers.ts';

/** Connects the ranks that an MPI launcher started. */
export interface MpiCommunicator extends Communicator {
  /** Leaves MPI cleanly. All ranks must call it. */
  close(): Promise<void>;
  /** Ends all ranks immediately. */
  abort(exitCode: number): void;
}

/** Milliseconds between checks that the other ranks are alive, during a wait. */
const lookEvery = 100;

/**
 * Connects this process to the other ranks that `mpirun` or `srun --mpi=pmix` started, over Open MPI or MPICH. Call it
 * once per process, and end the process with {@link leave}.
 *
 * If the process of a rank ends too early, the other ranks on its machine report it on standard error and end within
 * seconds: a rank that waits for a broadcast or a barrier throws, and a rank within a step is ended by a thread. Across
 * machines the launcher ends the run.
 *
 * @throws NotSupportedError if there is no MPI library
 */
export async function mpiCommunicator(): Promise<MpiCommunicator> {
  const calls = mpiCalls(await findLibrary());
  calls.init();
  const [rank, size] = [calls.rank(), calls.size()];
  const neighbours = neighboursOf(exchangePeers(calls, rank, size));
  const watch = watchNeighbours(rank, neighbours);
  /** @throws DataError naming a rank that is gone */
  const look = (): void => {
    try {
      checkNeighbours(neighbours);
    } catch (error) {
      watch.end();
      throw error;
    }
  };

  /** Waits for a call in another thread, and checks that the other ranks are alive. */
  const watched = async (call: Promise<void>): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const lost = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        try {
          look();
        } catch (error) {
          reject(error);
        }
      }, lookEvery);
    });
    try {
      await Promise.race([call, lost]);
    } finally {
      clearInterval(timer);
    }
  };

  return {
    rank,
    size,
    allReduce: (values) => calls.allReduce(values),
    allGather(values, lengths) {
      const counts = Int32Array.from(lengths);
      const all = new Float32Array(counts.reduce((sum, count) => sum + count, 0));
      calls.allGather(values, all, counts);
      return all;
    },
    async broadcast(bytes = new Uint8Array(0)) {
      const length = new Float64Array([bytes.length]);
      await watched(calls.broadcast(new Uint8Array(length.buffer)));
      const whole = rank === 0 ? bytes : new Uint8Array(length[0]);
      await watched(calls.broadcast(whole));
      return whole;
    },
    barrier: () => watched(calls.barrier()),
    async close() {
      // From here on they end in good order.
      watch.end();
      await watched(calls.barrier());
      calls.finalize();
    },
    abort(exitCode) {
      watch.end();
      calls.abort(exitCode);
    },
  };
}

/** Tells each rank the processes of all ranks. */
function exchangePeers(calls: MpiCalls, rank: number, size: number): readonly Peer[] {
  // Each rank has a slot of fixed length and writes only to its own. The sum of all arrays has all slots.
  const slot = 512;
  const own = Buffer.from(JSON.stringify(ownPeer())).subarray(0, slot);
  const slots = new Float32Array(slot * size);
  slots.set(own, rank * slot);
  calls.allReduce(slots);
  return Array.from({ length: size }, (_, other) => {
    const bytes = Buffer.from(Uint8Array.from(slots.subarray(other * slot, (other + 1) * slot)));
    return JSON.parse(bytes.toString('utf8').replace(/\0+$/, '')) as Peer;
  });
}

/**
 * Ends the process immediately, without Node's own shutdown: MPI libraries leave resources behind that can crash it.
 */
export function leave(exitCode: number): never {
  return (process as unknown as { reallyExit(code: number): never }).reallyExit(exitCode);
}
