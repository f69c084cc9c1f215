// Tests the GPU engines: self-tests, op cases and speed rows, with eager PyTorch on the same GPU for comparison. Writes
// the results as JSON. It needs no network and ends within ten minutes. Rows that do not fit into this time are listed.
// Each engine runs in its own process; --engine runs only one of them.
//
//   node --import tsx benchmarks/gpu/run.ts --out FILE [--peer] [--python PATH] [--rows REGEX] [--minutes N]
//     [--engine webgpu|tensorflow-gpu]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BackendName, useBackend } from '@ltml/engines';
import { inspectMachine, measureSpeed } from '@ltml/engines/node';
import { findMismatch } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { type CaseResults, computeCases } from '../../packages/engines/test/compute-cases.ts';
import { runSpeed, type SpeedResult, speedRows, TorchPeer } from '../src/speed/index.ts';
import { onDevice } from './torch-device.ts';

const { values: options } = parseArgs({
  options: {
    engine: { type: 'string' },
    peer: { type: 'boolean', default: false },
    python: { type: 'string' },
    rows: { type: 'string', default: '' },
    minutes: { type: 'string', default: '9' },
    out: { type: 'string', default: 'benchmarks/results/gpu.json' },
  },
});
const end = performance.now() + Number(options.minutes) * 60_000;

/** Runs both engines for half of the time each. An engine that does not work is reported and has no results. */
function runBoth(): number {
  const engines = ['tensorflow-gpu', 'webgpu'];
  const results = engines.map((engine) => {
    const out = `${options.out}.${engine}`;
    const own = ['--engine', engine, '--out', out, '--minutes', String(Number(options.minutes) / engines.length)];
    const script = fileURLToPath(import.meta.url);
    spawnSync(process.execPath, [...process.execArgv, script, ...process.argv.slice(2), ...own], { stdio: 'inherit' });
    return existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : { engine, failed: true };
  });
  writeFileSync(options.out, `${JSON.stringify(results, null, 2)}\n`);
  return results.some(({ failed, wrong }) => failed || wrong > 0) ? 1 : 0;
}

/** For each op case, its difference to the reference engine; null if there is none. */
async function compareOps(engine: BackendName): Promise<Record<string, string | null>> {
  await useBackend('cpu');
  const reference = await computeCases();
  await useBackend(engine);
  const results = await computeCases();
  return Object.fromEntries(Object.keys(reference).map((name) => [name, compareCase(results[name], reference[name])]));
}

function compareCase(actual: CaseResults[string], expected: CaseResults[string]): string | null {
  if (typeof actual === 'string') return actual;
  if (typeof expected === 'string') return `reference: ${expected}`;
  // If the GPU used TensorFloat-32, errors of 1e-3 would show here.
  const mismatches = expected.map((part, i) => findMismatch(actual[i], part, { relative: 1e-4, absolute: 1e-5 }));
  return mismatches.find((mismatch) => mismatch !== null) ?? null;
}

async function measureRows(engine: BackendName, peer: TorchPeer | undefined): Promise<SpeedResult[]> {
  const wanted = new RegExp(options.rows);
  // Networks first. The loader rows are left out, because they do not use the GPU.
  const { backbone, compile, loader: _, ...others } = speedRows;
  const rows = [backbone, compile, ...Object.values(others)].flat().filter((row) => wanted.test(row.name));
  const results: SpeedResult[] = [];
  for (const [i, row] of rows.entries()) {
    if (performance.now() > end) {
      console.error(`no time for ${rows.length - i} rows, from ${row.name} on: --minutes gives more, --rows chooses`);
      break;
    }
    // If an engine cannot run a row, report it and go on.
    try {
      const torch = peer ? onDevice(row.torch, 'cuda') : row.torch;
      results.push(...(await runSpeed([{ ...row, torch }], { engine, ...(peer ? { peer } : {}) })));
    } catch (error) {
      console.error(`${row.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return results;
}

mkdirSync(dirname(options.out), { recursive: true });
if (!options.engine) process.exit(runBoth());
const engine = options.engine as BackendName;
const machine = await inspectMachine();
await useBackend(engine);
// Otherwise small inputs would be computed on the CPU, by the same code as the reference.
if (engine === 'webgpu') tf.env().set('WEBGPU_CPU_FORWARD', false);
const ops = await compareOps(engine);
if (engine === 'webgpu') tf.env().set('WEBGPU_CPU_FORWARD', true);
const speed = await measureSpeed();
const peer = options.peer ? await TorchPeer.start(options.python) : undefined;
const rows = await measureRows(engine, peer);
peer?.stop();

const wrong = Object.entries(ops).filter(([, mismatch]) => mismatch !== null);
const date = new Date().toISOString();
const torch = peer ? { version: peer.version } : null;
const result = { engine, date, machine, torch, selfTest: 'passed', wrong: wrong.length, ops, speed, rows };
writeFileSync(options.out, `${JSON.stringify(result, null, 2)}\n`);
console.log(
  `${engine}: self-test passed, ${Object.keys(ops).length - wrong.length} of ${Object.keys(ops).length} op cases`,
);
for (const [name, mismatch] of wrong) console.log(`  ${name}: ${mismatch}`);
console.table(rows);
// Dawn and PyTorch can keep the process alive.
process.exit(wrong.length > 0 ? 1 : 0);
