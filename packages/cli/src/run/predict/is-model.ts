import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a path is a run folder, or the folder or address of a model bundle. Other paths are pictures. */
export function isModel(path: string): boolean {
  if (/^https?:\/\//.test(path)) return true;
  return [join(path, 'model.json'), join(path, 'model', 'model.json')].some(existsSync);
}
