import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a path is a run, or a model bundle's folder or address, as opposed to pictures. */
export function isModel(path: string): boolean {
  if (/^https?:\/\//.test(path)) return true;
  return [join(path, 'model.json'), join(path, 'model', 'model.json')].some(existsSync);
}
