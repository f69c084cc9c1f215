import { spawnSync } from 'node:child_process';
import { DataError } from '@ltml/tensor';
import { expect, it } from 'vitest';
import { checkNeighbours, neighboursOf, ownPeer } from '../src/peers.ts';

it('names the rank whose process has ended, if it was on this machine', () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const own = ownPeer();
  const look = (...peers: readonly (typeof own)[]): void => checkNeighbours(neighboursOf([own, ...peers]));
  const parent = { ...own, pid: process.ppid };
  expect(() => look(parent, { ...own, host: 'elsewhere', pid }, { ...own, space: 'pid:[1]', pid })).not.toThrow();
  expect(() => look(parent, { ...own, pid })).toThrow(DataError);
  expect(() => look(parent, { ...own, pid })).toThrow(/rank 2 should be alive/);
});
