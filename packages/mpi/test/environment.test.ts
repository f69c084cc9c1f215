import { expect, it } from 'vitest';
import { ranksInEnvironment } from '../src/environment.ts';

it.each([
  [{ OMPI_COMM_WORLD_SIZE: '4', OMPI_COMM_WORLD_RANK: '1' }, 4],
  [{ PMI_SIZE: '2', PMI_RANK: '0' }, 2],
  // Within an allocation of Slurm; a batch script itself is no rank.
  [{ PMIX_RANK: '0', SLURM_STEP_NUM_TASKS: '3', SLURM_NTASKS: '8' }, 3],
  [{ SLURM_NTASKS: '8' }, undefined],
  [{ OMPI_COMM_WORLD_SIZE: 'many' }, undefined],
  [{}, undefined],
])('reads how many ranks a launcher started: %j', (env, ranks) => {
  expect(ranksInEnvironment(env)).toBe(ranks);
});
