import { execFileSync } from 'node:child_process';
import { cpus, platform, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** When, where and with which sources something was measured. */
export interface Stamp {
  /** ISO 8601. */
  readonly date: string;
  /** Commit of the repository, with `+` if files have changed since; null outside a clone. */
  readonly commit: string | null;
  readonly machine: string;
}

export const stampSchema: z.ZodType<Stamp> = z.strictObject({
  date: z.string(),
  commit: z.string().nullable(),
  machine: z.string(),
});

export function stampNow(): Stamp {
  const processors = cpus();
  const machine = `${processors[0]?.model.trim() ?? 'unknown processor'}, ${processors.length} threads, ${platform()} ${release().split('-')[0]}, Node ${process.versions.node}`;
  return { date: new Date().toISOString(), commit: commitNow(), machine };
}

function commitNow(): string | null {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    return `${git('rev-parse', '--short=9', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+'}`;
  } catch {
    return null;
  }
}
