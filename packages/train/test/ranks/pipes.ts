import { execFileSync } from 'node:child_process';
import { openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Communicator } from '@ltml/tensor/contract';

/** Makes the pipes by which so many processes talk to the first of them. */
export function makePipes(folder: string, size: number): void {
  const names = Array.from({ length: size - 1 }, (_, i) => [`up${i + 1}`, `down${i + 1}`]).flat();
  execFileSync(
    'mkfifo',
    names.map((name) => join(folder, name)),
  );
}

/** Processes of one machine, for tests where there is no MPI: rank 0 collects what the others have, and hands it out. */
export function pipes(folder: string, rank: number, size: number): Communicator {
  const others = Array.from({ length: size - 1 }, (_, i) => i + 1);
  const open = (name: string, flags: string): number => openSync(join(folder, name), flags);
  // Opening waits for the other end, so both sides go by the same order.
  const links = (rank === 0 ? others : [rank]).map((other) => {
    const [up, down] = [open(`up${other}`, rank === 0 ? 'r' : 'w'), open(`down${other}`, rank === 0 ? 'w' : 'r')];
    return { in: rank === 0 ? up : down, out: rank === 0 ? down : up };
  });

  const collect = (bytes: Uint8Array, lengths: readonly number[]): Uint8Array => {
    const whole = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    if (rank > 0) {
      send(links[0].out, bytes);
      receive(links[0].in, whole);
      return whole;
    }
    whole.set(bytes.subarray(0, lengths[0]));
    let at = lengths[0];
    for (const other of others) {
      receive(links[other - 1].in, whole.subarray(at, at + lengths[other]));
      at += lengths[other];
    }
    for (const link of links) send(link.out, whole);
    return whole;
  };
  const all = (length: number): number[] => Array.from({ length: size }, () => length);

  return {
    rank,
    size,
    allReduce(values) {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      const gathered = new Float32Array(collect(bytes, all(bytes.length)).buffer);
      values.fill(0);
      for (const [i, value] of gathered.entries()) values[i % values.length] += value;
    },
    allGather(values, lengths) {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      const gathered = collect(
        bytes,
        lengths.map((length) => length * 4),
      );
      return new Float32Array(gathered.buffer);
    },
    async broadcast(bytes = new Uint8Array(0)) {
      const own = rank === 0 ? bytes : new Uint8Array(0);
      const size = new Uint8Array(Float64Array.of(own.length).buffer);
      const [length] = new Float64Array(collect(size, all(8)).slice(0, 8).buffer);
      return collect(own, [length, ...others.map(() => 0)]);
    },
    async barrier() {
      collect(Uint8Array.of(1), all(1));
    },
  };
}

function send(pipe: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(pipe, bytes, at);
}

function receive(pipe: number, into: Uint8Array): void {
  for (let at = 0; at < into.length; ) {
    const count = readSync(pipe, into, at, into.length - at, null);
    if (count === 0) throw new Error('a rank is gone');
    at += count;
  }
}
