import { spawnSync } from 'node:child_process';
import { DataError } from '@ltml/tensor';
import { expect, it } from 'vitest';
import { checkPeers, ownPeer } from '../src/peers.ts';

it('names the rank whose process has ended, if it was on this machine', () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const own = ownPeer();
  expect(() =>
    checkPeers([
      own,
      { ...own, pid: process.ppid },
      { ...own, host: 'elsewhere', pid },
      { ...own, space: 'pid:[1]', pid },
    ]),
  ).not.toThrow();
  expect(() => checkPeers([own, { ...own, pid }])).toThrow(DataError);
  expect(() => checkPeers([own, { ...own, pid }])).toThrow(/rank 1 should be alive/);
});
