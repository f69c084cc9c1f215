// Runs an engine through its self-test, the op cases and the speed rows, beside PyTorch eager on the same card, and
// writes the results as JSON. Needs no network.
//
//   node --import tsx benchmarks/gpu/run.ts --engine webgpu|tensorflow-gpu [--peer] [--python PATH] [--rows REGEX]
//     [--out FILE]
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
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
    out: { type: 'string' },
  },
});
if (!options.engine)
  throw new Error('usage: run.ts --engine webgpu|tensorflow-gpu [--peer] [--rows REGEX] [--out FILE]');

/** Of each op case: what differs from the reference engine, null if nothing does. */
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
  // TensorFloat-32, where a card uses it, would show here as errors of 1e-3.
  const mismatches = expected.map((part, i) => findMismatch(actual[i], part, { relative: 1e-4, absolute: 1e-5 }));
  return mismatches.find((mismatch) => mismatch !== null) ?? null;
}

async function measureRows(engine: BackendName, peer: TorchPeer | undefined): Promise<SpeedResult[]> {
  const wanted = new RegExp(options.rows);
  const rows = Object.values(speedRows)
    .flat()
    .filter((row) => wanted.test(row.name));
  const results: SpeedResult[] = [];
  for (const row of rows) {
    // A row that an engine cannot do is told, and does not stop the others.
    try {
      const torch = peer ? onDevice(row.torch, 'cuda') : row.torch;
      results.push(...(await runSpeed([{ ...row, torch }], { engine, ...(peer ? { peer } : {}) })));
    } catch (error) {
      console.error(`${row.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return results;
}

const engine = options.engine as BackendName;
const machine = await inspectMachine();
await useBackend(engine);
// Small inputs would be computed on the host, by the reference's own code.
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
const result = { engine, date, machine, torch, selfTest: 'passed', ops, speed, rows };
if (options.out) {
  mkdirSync(dirname(options.out), { recursive: true });
  writeFileSync(options.out, `${JSON.stringify(result, null, 2)}\n`);
}
console.log(
  `${engine}: self-test passed, ${Object.keys(ops).length - wrong.length} of ${Object.keys(ops).length} op cases`,
);
for (const [name, mismatch] of wrong) console.log(`  ${name}: ${mismatch}`);
console.table(rows);
// Dawn and PyTorch may keep the process alive.
process.exit(wrong.length > 0 ? 1 : 0);
