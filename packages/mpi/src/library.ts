import { NotSupportedError } from '@ltml/tensor';
import type { LibraryHandle } from 'koffi';

/** A handle of MPI: a pointer in Open MPI, a number in MPICH. */
export type Handle = bigint | number;

/** An MPI of this machine, and what its header says of its handles. */
export interface MpiLibrary {
  /** The C type of its handles. */
  readonly handle: 'void *' | 'int';
  readonly world: Handle;
  readonly float: Handle;
  readonly byte: Handle;
  readonly sum: Handle;
  /** In place of an array that is sent: the one that is received into holds it. */
  readonly inPlace: bigint;
  readonly functions: LibraryHandle;
}

/** Open MPI 4 and 5, then MPICH and what shares its interface (Intel MPI, MVAPICH). */
const names = [
  ...['libmpi.so.40', 'libmpi.40.dylib', 'libmpich.so.12', 'libmpi.so.12', 'libmpi.12.dylib'],
  ...['libmpi.so', 'libmpich.so', 'libmpi.dylib'],
];

/**
 * Finds the MPI of this machine: the library that `LTML_MPI` names, or else one by its usual names.
 *
 * @throws NotSupportedError if there is none
 */
export async function findLibrary(named: string | undefined = process.env.LTML_MPI): Promise<MpiLibrary> {
  // Its addon is for those who start several ranks.
  const { default: koffi } = await import('koffi');
  // MPICH overruns the 128 kB of stack that calls in threads have otherwise.
  koffi.config({ async_stack_size: 4 << 20 });
  const tried: string[] = [];
  for (const name of named === undefined ? names : [named]) {
    try {
      // Open MPI loads parts of its own, which look for it among the libraries of the whole process.
      return describe(koffi.load(name, { global: true, lazy: true }));
    } catch (error) {
      tried.push((error as Error).message);
    }
  }
  throw new NotSupportedError({
    where: 'mpi',
    argument: 'the MPI library',
    expected: 'Open MPI or MPICH, on every machine of the run',
    received: named === undefined ? 'neither' : `${named}, of which the system says: ${tried[0]}`,
    hint: 'Install one (Debian: apt-get install openmpi-bin), or name its library in LTML_MPI.',
  });
}

function describe(functions: LibraryHandle): MpiLibrary {
  const symbol = (name: string): bigint | undefined => {
    try {
      return functions.symbol(name);
    } catch {
      return undefined;
    }
  };
  const world = symbol('ompi_mpi_comm_world');
  if (world !== undefined) {
    return {
      handle: 'void *',
      world,
      float: functions.symbol('ompi_mpi_float'),
      byte: functions.symbol('ompi_mpi_byte'),
      sum: functions.symbol('ompi_mpi_op_sum'),
      inPlace: 1n,
      functions,
    };
  }
  // Of MPICH's mpi.h; they are the same in all of its releases since 2012.
  return {
    handle: 'int',
    ...{ world: 0x44000000, float: 0x4c00040a, byte: 0x4c00010d, sum: 0x58000003 },
    inPlace: 0xffffffffffffffffn,
    functions,
  };
}
