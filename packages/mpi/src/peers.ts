import { hostname } from 'node:os';
import { DataError } from '@ltml/tensor';

/** The process that is a rank. */
export interface Peer {
  readonly host: string;
  readonly pid: number;
}

export const ownPeer = (): Peer => ({ host: hostname(), pid: process.pid });

/**
 * Looks whether the other ranks of this machine are alive. Those of other machines can't be seen: there the launcher of
 * MPI ends the run.
 *
 * @param peers by rank
 * @throws DataError naming a rank that is gone
 */
export function checkPeers(peers: readonly Peer[]): void {
  const own = ownPeer();
  for (const [rank, { host, pid }] of peers.entries()) {
    if (host !== own.host || pid === own.pid || isAlive(pid)) continue;
    throw new DataError({
      where: 'mpi',
      argument: `rank ${rank}`,
      expected: 'alive',
      received: `a process that has ended (${pid} on ${host})`,
      hint: 'The last checkpoint stands: --resume goes on, with as many ranks as you start.',
    });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is alive, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
