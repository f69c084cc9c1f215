import { DataError } from '@ltml/tensor';
import type { MpiLibrary } from './library.ts';

/** Argument of an MPI function: an array that it reads or writes, or an address. */
type Memory = NodeJS.TypedArray | bigint;

/** The MPI functions that LTML uses. */
export interface MpiCalls {
  /** Starts MPI with support for calls from several threads. @throws DataError if the library has none */
  init(): void;
  /** Number of this rank, from 0. */
  rank(): number;
  /** Number of ranks. */
  size(): number;
  /** Sums floats over all ranks, in place. */
  allReduce(values: Float32Array): void;
  /** Gathers floats from all ranks into `all`. @param counts number of values of each rank */
  allGather(values: Float32Array, all: Float32Array, counts: Int32Array): void;
  /** Sends the bytes of rank 0 to all ranks. The call runs in another thread. */
  broadcast(bytes: Uint8Array): Promise<void>;
  /** Waits until all ranks have called this. */
  barrier(): Promise<void>;
  /** Leaves MPI. */
  finalize(): void;
  /** Ends all ranks with an exit code. */
  abort(code: number): void;
}

/** MPI_THREAD_MULTIPLE */
const severalThreads = 3;
/** Largest message in bytes: MPI's counts are 32-bit numbers. */
const largestMessage = 1 << 30;

/** Binds MPI functions of a library. */
export function mpiCalls(library: MpiLibrary): MpiCalls {
  const { functions, handle, world, float, byte, sum, inPlace } = library;
  const bind = (name: string, types: readonly string[]) => functions.func(`MPI_${name}`, 'int', [...types]);
  const initThread = bind('Init_thread', ['void *', 'void *', 'int', 'int *']);
  const commRank = bind('Comm_rank', [handle, 'int *']);
  const commSize = bind('Comm_size', [handle, 'int *']);
  const allreduce = bind('Allreduce', ['void *', 'void *', 'int', handle, handle, handle]);
  const bcast = bind('Bcast', ['void *', 'int', handle, 'int', handle]);
  const barrier = bind('Barrier', [handle]);
  const allgatherv = bind('Allgatherv', ['void *', 'int', handle, 'void *', 'void *', 'void *', handle, handle]);
  const finalize = bind('Finalize', []);
  const abort = bind('Abort', [handle, 'int']);

  const check = (name: string, code: number): void => {
    if (code === 0) return;
    throw new DataError({ where: 'mpi', argument: `MPI_${name}`, expected: 'successful', received: `error ${code}` });
  };
  const inThread = (name: string, call: typeof barrier, ...args: (Memory | number)[]): Promise<void> =>
    new Promise((resolve, reject) => {
      call.async(...args, (error: unknown, code: number) => {
        try {
          if (error) throw error;
          check(name, code);
          resolve();
        } catch (failure) {
          reject(failure);
        }
      });
    });
  const numberOf = (name: string, call: typeof barrier): number => {
    const result = new Int32Array(1);
    check(name, call(world, result));
    return result[0];
  };

  return {
    init() {
      const provided = new Int32Array(1);
      check('Init_thread', initThread(null, null, severalThreads, provided));
      if (provided[0] >= severalThreads) return;
      throw new DataError({
        where: 'mpi',
        argument: 'the MPI library',
        expected: 'a library that supports calls from several threads (MPI_THREAD_MULTIPLE)',
        received: `level ${provided[0]} of ${severalThreads}`,
      });
    },
    rank: () => numberOf('Comm_rank', commRank),
    size: () => numberOf('Comm_size', commSize),
    allReduce: (values) => check('Allreduce', allreduce(inPlace, values, values.length, float, sum, world)),
    allGather(values, all, counts) {
      const places = counts.map((_, rank) => counts.subarray(0, rank).reduce((total, count) => total + count, 0));
      check('Allgatherv', allgatherv(values, values.length, float, all, counts, places, float, world));
    },
    async broadcast(bytes) {
      for (let at = 0; at < bytes.length; at += largestMessage) {
        const part = bytes.subarray(at, at + largestMessage);
        await inThread('Bcast', bcast, part, part.length, byte, 0, world);
      }
    },
    barrier: () => inThread('Barrier', barrier, world),
    finalize: () => check('Finalize', finalize()),
    abort: (code) => void abort(world, code),
  };
}
