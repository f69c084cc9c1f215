import { UsageError } from '@ltml/recipes/usage-error';

/** Input of {@link indexedJob}. */
export interface IndexedJob {
  /** Absolute folder of the sweep. The volume is mounted at its parent folder. */
  readonly folder: string;
  /** Number of runs. */
  readonly runs: number;
  /** Runs per task. */
  readonly pack: number;
  /** Tasks at a time; default: all. */
  readonly parallel?: number | undefined;
  /** Command that starts ltml. */
  readonly command: string;
  readonly image: string;
  /** Name of the persistent volume claim. */
  readonly claim: string;
}

/**
 * The manifest of a Kubernetes Indexed Job that does the runs of a sweep. As JSON it is valid YAML, too.
 *
 * An index may fail 10 times. One whose runs can't work (exit code 42) fails at once. A pod that the cluster evicts
 * counts as no failure. A new pod starts only when the old one is gone, so that two pods never share a run.
 *
 * @throws UsageError for a name that Kubernetes does not allow
 */
export function indexedJob({ folder, runs, pack, parallel, command, image, claim }: IndexedJob): object {
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(claim)) {
    throw new UsageError(`--claim ${claim}: should have only lowercase letters, digits, dashes and dots`);
  }
  const mount = folder.slice(0, Math.max(folder.lastIndexOf('/'), 1));
  const range = '$((JOB_COMPLETION_INDEX * PACK))-$((JOB_COMPLETION_INDEX * PACK + PACK - 1))';
  const script = `exec $LTML sweep run "$SWEEP" --index "${range}" --jobs 1`;
  const tasks = Math.ceil(runs / pack);
  const environment = { LTML: command, SWEEP: folder, PACK: String(pack) };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { generateName: 'ltml-sweep-' },
    spec: {
      completionMode: 'Indexed',
      completions: tasks,
      parallelism: Math.min(parallel ?? tasks, tasks),
      backoffLimitPerIndex: 10,
      maxFailedIndexes: tasks,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          { action: 'FailIndex', onExitCodes: { containerName: 'ltml', operator: 'In', values: [42] } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: {
        spec: {
          restartPolicy: 'Never',
          // Time to write a checkpoint.
          terminationGracePeriodSeconds: 120,
          containers: [
            {
              name: 'ltml',
              image,
              command: ['/bin/sh', '-c', script],
              env: Object.entries(environment).map(([name, value]) => ({ name, value })),
              volumeMounts: [{ name: 'sweep', mountPath: mount }],
            },
          ],
          volumes: [{ name: 'sweep', persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  };
}
