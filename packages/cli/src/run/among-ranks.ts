import type { Communicator } from '@ltml/tensor/contract';
import { describeError } from '../describe-error.ts';
import { printErrors } from '../terminal.ts';

/**
 * Does a work that ranks do together: with the others, where `mpirun` or `srun --mpi=pmix` started several; else alone.
 *
 * With several, the process ends here. A rank that fails says why and ends the others, which say that it is gone.
 */
export async function amongRanks(work: (communicator: Communicator | undefined) => Promise<void>): Promise<void> {
  const { leave, mpiCommunicator, ranksInEnvironment } = await import('@ltml/mpi');
  if ((ranksInEnvironment() ?? 1) === 1) return work(undefined);
  const communicator = await mpiCommunicator();
  try {
    await work(communicator);
    await communicator.close();
  } catch (error) {
    const { lines, exitCode } = describeError(error);
    printErrors(...lines.map((line) => `ltml, rank ${communicator.rank}: ${line}`));
    communicator.abort(exitCode);
    leave(exitCode);
  }
  leave(Number(process.exitCode ?? 0));
}
