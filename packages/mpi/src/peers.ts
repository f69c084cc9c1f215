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

/** Another rank on this machine. */
export interface Neighbour {
  readonly rank: number;
  readonly peer: Peer;
}

/**
 * The other ranks on this machine. Processes on other machines or in other containers are not visible: there the launcher
 * ends the run.
 */
export function neighboursOf(peers: readonly Peer[]): readonly Neighbour[] {
  const own = ownPeer();
  return [...peers.entries()]
    .filter(([, { host, space, pid }]) => host === own.host && space === own.space && pid !== own.pid)
    .map(([rank, peer]) => ({ rank, peer }));
}

/** Checks that other ranks are alive. @throws DataError naming a rank whose process has ended */
export function checkNeighbours(neighbours: readonly Neighbour[]): void {
  const gone = neighbours.find(({ peer }) => !isAlive(peer.pid));
  if (gone) throw lost(gone);
}

/** The error for a rank whose process has ended. */
export function lost({ rank, peer: { host, pid } }: Neighbour): DataError {
  return new DataError({
    where: 'mpi',
    argument: `rank ${rank}`,
    expected: 'alive',
    received: `a process that has ended (${pid} on ${host})`,
    hint: 'The last checkpoint is kept: continue with --resume and any number of ranks.',
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
