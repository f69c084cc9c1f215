import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where engines and verdicts are kept: `$LTML_CACHE`, else `$XDG_CACHE_HOME/ltml`, else `~/.cache/ltml`.
 *
 * Outside `node_modules`, so that a reinstall keeps the engines and a read-only package store is enough.
 */
export function cacheFolder(): string {
  if (process.env.LTML_CACHE) return process.env.LTML_CACHE;
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ltml');
}
