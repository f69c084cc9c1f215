import { NotSupportedError } from '@ltml/tensor';
import type { LibraryHandle } from 'koffi';

/** A handle of MPI: a pointer in Open MPI, a number in MPICH. */
export type Handle = bigint | number;

/** An MPI library, and the values that its C header gives to handles. */
export interface MpiLibrary {
  /** C type of the handles. */
  readonly handle: 'void *' | 'int';
  readonly world: Handle;
  readonly float: Handle;
  readonly byte: Handle;
  readonly sum: Handle;
  /** Address to pass instead of a send buffer; then the receive buffer also holds the values to send. */
  readonly inPlace: bigint;
  readonly functions: LibraryHandle;
}

/** File names: Open MPI 4 and 5, then MPICH and libraries with its interface (Intel MPI, MVAPICH). */
const names = [
  ...['libmpi.so.40', 'libmpi.40.dylib', 'libmpich.so.12', 'libmpi.so.12', 'libmpi.12.dylib'],
  ...['libmpi.so', 'libmpich.so', 'libmpi.dylib'],
];

/**
 * Loads the MPI library of this machine.
 *
 * @param named path or name of the library; default: the environment variable `LTML_MPI`, else the usual names are
 * tried
 * @throws NotSupportedError if there is none
 */
export async function findLibrary(named: string | undefined = process.env.LTML_MPI): Promise<MpiLibrary> {
  // Imported here: only runs with several ranks need its native addon.
  const { default: koffi } = await import('koffi');
  // The default stack of 128 kB for calls in threads is too small for MPICH.
  koffi.config({ async_stack_size: 4 << 20 });
  const tried: string[] = [];
  for (const name of named === undefined ? names : [named]) {
    try {
      // `global`: Open MPI loads plugins, which look for its symbols in the whole process.
      return describe(koffi.load(name, { global: true, lazy: true }));
    } catch (error) {
      tried.push((error as Error).message);
    }
  }
  throw new NotSupportedError({
    where: 'mpi',
    argument: 'the MPI library',
    expected: 'Open MPI or MPICH, on every machine of the run',
    received: named === undefined ? 'neither' : `${named}, which can't be loaded: ${tried[0]}`,
    hint: 'Install one (Debian: apt-get install openmpi-bin), or set LTML_MPI to the path of its library.',
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
  // Values from MPICH's mpi.h. They are the same in all releases since 2012.
  return {
    handle: 'int',
    ...{ world: 0x44000000, float: 0x4c00040a, byte: 0x4c00010d, sum: 0x58000003 },
    inPlace: 0xffffffffffffffffn,
    functions,
  };
}
