import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder for engines and their test results: `$LTML_CACHE`, else `$XDG_CACHE_HOME/ltml`, else `~/.cache/ltml`.
 *
 * It is outside `node_modules`, so that a reinstall keeps the engines and a read-only package store works.
 */
export function cacheFolder(): string {
  if (process.env.LTML_CACHE) return process.env.LTML_CACHE;
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ltml');
}
