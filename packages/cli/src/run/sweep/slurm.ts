import { UsageError } from '@ltml/recipes/usage-error';
import { shellPath } from '../../terminal.ts';

/** Input of {@link slurmScript}. */
export interface SlurmArray {
  /** Absolute folder of the sweep. */
  readonly folder: string;
  readonly runs: number;
  /** Runs per task. */
  readonly pack: number;
  /** Tasks at a time; default: as many as the cluster allows. */
  readonly parallel?: number | undefined;
  /** Command that starts ltml. */
  readonly command: string;
  /** Options for sbatch. */
  readonly sbatch: readonly string[];
}

/** How often a task may queue itself again after a failure. */
const mostRestarts = 20;

/**
 * The script of a Slurm array that does the runs of a sweep. Slurm sends USR1 two minutes before the time limit. Then,
 * and when the task is preempted, the runs stop at a checkpoint and the task is queued again.
 *
 * @throws UsageError for an option of sbatch that would not stay on its line
 */
export function slurmScript({ folder, runs, pack, parallel, command, sbatch }: SlurmArray): string {
  const bad = sbatch.find((option) => !/^--?[^\s]+$/.test(option));
  if (bad !== undefined)
    throw new UsageError(`--sbatch ${JSON.stringify(bad)}: should be one option, e.g. --time=2:00:00`);
  const tasks = Math.ceil(runs / pack);
  const limit = parallel === undefined ? '' : `%${parallel}`;
  return `#!/bin/bash
#SBATCH --job-name=ltml-sweep
#SBATCH --array=0-${tasks - 1}${limit}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120
#SBATCH --output=${quoted(`${folder.replaceAll('%', '%%')}/slurm-%A_%a.log`)}
${sbatch.map((option) => `#SBATCH ${option}\n`).join('')}
again() {
  if [ "\${SLURM_RESTART_COUNT:-0}" -lt ${mostRestarts} ]; then
    # If Slurm has already queued it again, scontrol fails, which is fine.
    scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}" 2>/dev/null
  fi
}
child=
told_to_stop=
stop() { told_to_stop=1; [ -n "$child" ] && kill -TERM "$child" 2>/dev/null; }
trap stop USR1 TERM

first=$((SLURM_ARRAY_TASK_ID * ${pack}))
last=$((first + ${pack} - 1))
${command} sweep run ${shellPath(folder)} --index "$first-$last" --jobs 1 &
child=$!
[ -n "$told_to_stop" ] && stop
wait "$child"; code=$?
# A signal ends the wait, not the command.
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done

if [ -n "$told_to_stop" ] || [ "$code" -eq 1 ] || [ "$code" -gt 128 ]; then again; fi
exit "$code"
`;
}

/** A quoted path for an #SBATCH line, where blanks or # would end it. @throws UsageError for a line break */
function quoted(path: string): string {
  if (/[\r\n]/.test(path)) {
    throw new UsageError(`${JSON.stringify(path)}: has a line break, which Slurm does not allow`);
  }
  return `"${path.replace(/["\\]/g, '\\$&')}"`;
}
