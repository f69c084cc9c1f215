// Proves that killing `ltml native install` at any moment leaves a working engine or none, never a broken one.
//
//   node --import tsx packages/tensor/scripts/kill-install.ts WHEEL [times] [seed]
//
// Installs from the wheel into a cache of its own, then starts installations of which every second one would replace a
// working engine, and kills `times` (20) of them with all their children at random moments; those that are quicker are
// not counted. About 20 seconds each.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installNative, listNativeEngines, removeNativeEngine, verifyNativeEngine } from '@ltml/engines/node';
import { RandomStream } from '@ltml/tensor';

const [wheel, times = '20', seed = '1'] = process.argv.slice(2);
if (!wheel) throw new Error('usage: kill-install.ts WHEEL [times] [seed]');
const cache = mkdtempSync(join(tmpdir(), 'ltml-kill-'));
process.env.LTML_CACHE = cache;
const random = new RandomStream(Number(seed));

const installer = `
  const { installNative } = await import('@ltml/engines/node');
  await installNative({ from: ${JSON.stringify(wheel)} });`;

/** Makes the engine look as if another tfjs-node had been its source, so that the next installation replaces it. */
function age(name: string): void {
  const file = join(cache, 'native', `${name}.json`);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"tfjsNode": "[^"]+"/, '"tfjsNode": "0.0.0"'));
}

function killAfter(milliseconds: number): Promise<'killed' | 'finished'> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', installer], {
    detached: true,
    stdio: 'inherit',
    cwd: new URL('..', import.meta.url),
  });
  const timer = setTimeout(() => process.kill(-(child.pid as number), 'SIGKILL'), milliseconds);
  return new Promise((resolve) => {
    child.on('close', (_, signal) => {
      clearTimeout(timer);
      resolve(signal ? 'killed' : 'finished');
    });
  });
}

try {
  const start = performance.now();
  const { engine } = await installNative({ from: wheel });
  const length = performance.now() - start;
  console.log(`undisturbed: ${(length / 1000).toFixed(1)} s`);
  let broken = 0;
  let kills = 0;
  for (let i = 0; kills < Number(times); i++) {
    const replaces = i % 2 === 0;
    if (!replaces) await removeNativeEngine(engine.name);
    else if ((await listNativeEngines()).length === 0) await installNative({ from: wheel });
    if (replaces) age(engine.name);
    const moment = random.uniform() * length;
    const end = await killAfter(moment);
    if (end === 'killed') kills++;
    const engines = await listNativeEngines();
    const verdicts = await Promise.all(engines.map(verifyNativeEngine));
    const good =
      verdicts.every((verdict) => verdict.works) && (engines.length === 1 || (!replaces && end === 'killed'));
    if (!good) broken++;
    const what = `${engines.length} engine${verdicts.every((v) => v.works) ? '' : ', BROKEN'}`;
    console.log(
      `${String(i + 1).padStart(2)}: ${end} after ${(moment / 1000).toFixed(1)} s: ${good ? 'good' : 'BAD'}, ${what}`,
    );
  }
  console.log(`${kills} killed, ${broken} left a bad state`);
  if (broken > 0) process.exitCode = 1;
} finally {
  rmSync(cache, { recursive: true });
}
