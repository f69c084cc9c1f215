import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Debian: apt-get install slurm-wlm. */
export const hasSlurm = spawnSync('slurmctld', ['-V']).status === 0 && spawnSync('slurmd', ['-V']).status === 0;

/** A cluster on this machine that trusts its user. */
export interface Cluster {
  /** Of its commands. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs one of its commands. */
  run(program: string, ...args: string[]): string;
  stop(): void;
}

/** @param nodes their names; each takes two tasks at a time */
export function startCluster(folder: string, nodes: readonly string[]): Cluster {
  const configuration = join(folder, 'slurm.conf');
  const env = { ...process.env, SLURM_CONF: configuration, LTML_BACKEND: 'wasm' };
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
  const host = hostname().split('.')[0];
  const port = 20_000 + (process.pid % 20_000);
  for (const part of ['state', ...nodes.map((node) => `spool-${node}`)]) mkdirSync(join(folder, part));
  const user = run('id', '-un').trim();
  const nodeLines = nodes.map(
    (node, i) => `NodeName=${node} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port + 1 + i} CPUs=2 State=UNKNOWN\n`,
  );
  // A task that is queued again waits as long as credentials last, which is two minutes otherwise.
  writeFileSync(
    configuration,
    `ClusterName=one
SlurmctldHost=${host}(127.0.0.1)
AuthType=auth/none
AuthInfo=cred_expire=5
CredType=cred/none
SlurmUser=${user}
SlurmdUser=${user}
SlurmctldPort=${port}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool-%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd-%n.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=2,bf_interval=2
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
${nodeLines.join('')}PartitionName=main Nodes=ALL Default=YES State=UP
`,
  );
  run('slurmctld', '-f', configuration);
  for (const node of nodes) run('slurmd', '-f', configuration, '-N', node);
  return {
    env,
    run,
    stop() {
      for (const name of [...nodes.map((node) => `slurmd-${node}`), 'slurmctld']) {
        const file = join(folder, `${name}.pid`);
        if (existsSync(file)) process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
      }
    },
  };
}
