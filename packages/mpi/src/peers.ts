import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { DataError } from '@ltml/tensor';

/** The process of a rank. */
export interface Peer {
  readonly host: string;
  /** Namespace of the process id: a container may have the same host name as its host. Null if unknown. */
  readonly space: string | null;
  readonly pid: number;
}

/** This process. */
export const ownPeer = (): Peer => ({ host: hostname(), space: ownSpace(), pid: process.pid });

/** The namespace of process ids; null unless on Linux. */
function ownSpace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

/** Another rank whose process can be seen from here. */
export interface Neighbour {
  readonly rank: number;
  readonly peer: Peer;
}

/** The other ranks of this machine. Those of other machines and containers can't be seen: there the launcher ends the run. */
export function neighboursOf(peers: readonly Peer[]): readonly Neighbour[] {
  const own = ownPeer();
  return [...peers.entries()]
    .filter(([, { host, space, pid }]) => host === own.host && space === own.space && pid !== own.pid)
    .map(([rank, peer]) => ({ rank, peer }));
}

/** @throws DataError naming a rank that is gone */
export function checkNeighbours(neighbours: readonly Neighbour[]): void {
  const gone = neighbours.find(({ peer }) => !isAlive(peer.pid));
  if (gone) throw lost(gone);
}

export function lost({ rank, peer: { host, pid } }: Neighbour): DataError {
  return new DataError({
    where: 'mpi',
    argument: `rank ${rank}`,
    expected: 'alive',
    received: `a process that has ended (${pid} on ${host})`,
    hint: 'The last checkpoint stands: --resume goes on, with as many ranks as you start.',
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is alive, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
