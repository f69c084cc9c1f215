import { Worker } from 'node:worker_threads';
import { lost, type Neighbour } from './peers.ts';

/** A thread that looks after other ranks. */
export interface NeighbourWatch {
  /** What there is to say is said, or all is done. */
  end(): void;
}

/** Milliseconds between two looks. */
const lookEvery = 50;
/** Milliseconds that the rank itself has to say it. A launcher ends what is left after a second. */
const patience = 250;
/** Milliseconds that it then has to end. */
const delay = 3000;

/** Plain JavaScript, since a loader of TypeScript takes a second in every thread. */
const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const { neighbours, lookEvery, patience, delay } = workerData;
  const isGone = ({ pid }) => {
    try {
      process.kill(pid, 0);
      return false;
    } catch (error) {
      return error.code === 'ESRCH';
    }
  };
  const timer = setInterval(() => {
    const gone = neighbours.find(isGone);
    if (gone === undefined) return;
    clearInterval(timer);
    setTimeout(() => {
      writeSync(2, gone.sentence);
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), delay);
    }, patience);
  }, lookEvery);
  parentPort.once('message', () => process.exit());`;

/**
 * Says which neighbour has ended, and ends this process, where this rank itself does not: because it computes a step, or waits
 * within one for a sum that can't end.
 *
 * @param rank this one
 */
export function watchNeighbours(rank: number, neighbours: readonly Neighbour[]): NeighbourWatch {
  if (neighbours.length === 0) return { end: () => {} };
  const named = neighbours.map((neighbour) => {
    return { pid: neighbour.peer.pid, sentence: `ltml, rank ${rank}: ${lost(neighbour).message}\n` };
  });
  // Flags of the process may be for its main program alone.
  const worker = new Worker(program, {
    eval: true,
    execArgv: [],
    workerData: { neighbours: named, lookEvery, patience, delay },
  });
  worker.unref();
  return { end: () => worker.postMessage('end') };
}
