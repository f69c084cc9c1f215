/**
 * Number of ranks that the launcher of this process started, from its environment variables; undefined without a
 * launcher.
 *
 * Known launchers: `mpirun` of Open MPI and of MPICH, and Slurm's `srun --mpi=pmix`.
 */
export function ranksInEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
): number | undefined {
  const { OMPI_COMM_WORLD_SIZE, PMI_SIZE, PMIX_RANK, SLURM_STEP_NUM_TASKS, SLURM_NTASKS } = env;
  const said =
    OMPI_COMM_WORLD_SIZE ?? PMI_SIZE ?? (PMIX_RANK === undefined ? undefined : (SLURM_STEP_NUM_TASKS ?? SLURM_NTASKS));
  const ranks = Number(said);
  return Number.isInteger(ranks) && ranks > 0 ? ranks : undefined;
}
