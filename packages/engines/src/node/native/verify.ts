import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Verdict } from '../start.ts';
import { proveCandidate } from '../verdicts.ts';
import { addonPath, type NativeEngine } from './store.ts';

/** Compares an installed engine's libraries with their hashes, then runs its self-test in another process. */
export async function verifyNativeEngine(engine: NativeEngine): Promise<Verdict> {
  for (const [file, expected] of Object.entries(engine.sha256)) {
    const path = join(engine.folder, file);
    const actual = existsSync(path) ? await sha256(path) : 'missing';
    if (actual === expected) continue;
    const reason = actual === 'missing' ? `${file} is missing` : `${file} has changed since it was installed`;
    return { works: false, reason, remedy: `Run: ltml native remove ${engine.name}, then: ltml native install` };
  }
  const name = engine.device === 'cuda' ? 'tensorflow-gpu' : 'tensorflow';
  return await proveCandidate({ name, addon: addonPath(engine) });
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
