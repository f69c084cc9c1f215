import { describe, expect, it } from 'vitest';
import { mutateRunFolders } from './mutate-run-folder.ts';

describe('a run folder in which something was changed', { timeout: 180_000 }, () => {
  it('gives the result of the untouched one or an error of ours, never another result', async () => {
    const { faults, equal, refused } = await mutateRunFolders(16, 3);
    expect(faults).toEqual([]);
    expect(equal + refused).toBe(16);
  });
});
