import { UsageError } from '@ltml/recipes/usage-error';

export interface IndexedJob {
  /** Absolute folder of the sweep; its parent is where the volume is mounted. */
  readonly folder: string;
  readonly runs: number;
  readonly pack: number;
  readonly parallel?: number | undefined;
  /** How to start ltml. */
  readonly command: string;
  readonly image: string;
  /** Of the volume. */
  readonly claim: string;
}

/**
 * The manifest of a Kubernetes Indexed Job that works a sweep off, in JSON, which is YAML.
 *
 * An index has at most 10 failures of its own; one that says it will never work (exit code 42) fails at once. Pods that the
 * cluster takes away count as no failure, and a new pod starts only when the old one is gone, so that no two share a run.
 *
 * @throws UsageError for a name that Kubernetes refuses
 */
export function indexedJob({ folder, runs, pack, parallel, command, image, claim }: IndexedJob): object {
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(claim)) {
    throw new UsageError(`--claim ${claim}: should be made of small letters, digits, dashes and dots`);
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
          // For a checkpoint.
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
