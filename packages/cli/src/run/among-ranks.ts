import type { Communicator } from '@ltml/tensor/contract';
import { describeError } from '../describe-error.ts';
import { printErrors } from '../terminal.ts';

/**
 * Runs a job on several ranks if `mpirun` or `srun --mpi=pmix` started several processes; otherwise alone.
 *
 * With several ranks the process ends here. A rank that fails prints its error and ends all ranks; the others print
 * that it is gone.
 *
 * @param work called with the communicator, or with undefined if there is one process
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
