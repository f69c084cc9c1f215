import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { DataError } from '@ltml/tensor';

/** The process that is a rank. */
export interface Peer {
  readonly host: string;
  /** Among which processes the number counts: a container may have the name of its host. null where that can't be told. */
  readonly space: string | null;
  readonly pid: number;
}

export const ownPeer = (): Peer => ({ host: hostname(), space: ownSpace(), pid: process.pid });

/** The namespace of process numbers, on Linux. */
function ownSpace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

/**
 * Looks whether the other ranks of this machine are alive. Those of other machines and containers can't be seen: there the
 * launcher of MPI ends the run.
 *
 * @param peers by rank
 * @throws DataError naming a rank that is gone
 */
export function checkPeers(peers: readonly Peer[]): void {
  const own = ownPeer();
  for (const [rank, { host, space, pid }] of peers.entries()) {
    if (host !== own.host || space !== own.space || pid === own.pid || isAlive(pid)) continue;
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
