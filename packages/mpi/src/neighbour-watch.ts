import { Worker } from 'node:worker_threads';
import { lost, type Neighbour } from './peers.ts';

/** A thread that checks that other ranks are alive. */
export interface NeighbourWatch {
  /** Call when the rank ends by itself: ends the thread. */
  end(): void;
}

/** Milliseconds between checks. */
const lookEvery = 50;
/** Milliseconds that the rank has to end by itself after a failure was reported. A launcher waits for a second. */
const delay = 3000;

/** Plain JavaScript, since loading TypeScript takes a second in every thread. */
const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const { neighbours, lookEvery, delay } = workerData;
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
    writeSync(2, gone.sentence);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), delay);
  }, lookEvery);
  parentPort.once('message', () => process.exit());`;

/**
 * Prints which neighbour has ended, and ends this process if it does not end by itself: it may be computing a step, or
 * waiting for a sum that can't complete.
 *
 * @param rank number of this rank
 */
export function watchNeighbours(rank: number, neighbours: readonly Neighbour[]): NeighbourWatch {
  if (neighbours.length === 0) return { end: () => {} };
  const named = neighbours.map((neighbour) => {
    return { pid: neighbour.peer.pid, sentence: `ltml, rank ${rank}: ${lost(neighbour).message}\n` };
  });
  // Flags of the process may be meant only for its main program.
  const worker = new Worker(program, {
    eval: true,
    execArgv: [],
    workerData: { neighbours: named, lookEvery, delay },
  });
  worker.unref();
  return { end: () => worker.postMessage('end') };
}
