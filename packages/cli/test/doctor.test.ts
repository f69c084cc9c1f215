import type { DoctorReport } from '@ltml/engines/node';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { registerDoctor } from '../src/commands/doctor.ts';
import { formatDecoders, formatReport } from '../src/run/doctor.ts';

let printed: string[];
beforeEach(() => {
  printed = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text).trimEnd()) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

async function ltml(...args: string[]): Promise<void> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  registerDoctor(program);
  program.commands[0]?.exitOverride().configureOutput({ writeErr: () => {} });
  await program.parseAsync(args, { from: 'user' });
}

test('--has of an engine that is here gives exit code 0', async () => {
  await ltml('doctor', '--has', 'wasm');
  expect(process.exitCode ?? 0).toBe(0);
  expect(printed[0]).toMatch(/^wasm +yes +WebAssembly/);
});

test('--has of an engine that is not here gives exit code 1, the reason and the way out', async () => {
  vi.stubEnv('LTML_CACHE', '/nowhere/ltml');
  await ltml('doctor', '--has', 'tensorflow', '--json');
  vi.unstubAllEnvs();
  expect(process.exitCode).toBe(1);
  const { name, verdict } = JSON.parse(printed[0] as string);
  expect(name).toBe('tensorflow');
  expect(verdict).toMatchObject({ works: false, remedy: 'Run: ltml native install' });
});

test('--has of no engine is refused', async () => {
  await expect(ltml('doctor', '--has', 'abacus')).rejects.toThrow(/Allowed choices/);
});

test('the report names machine, engines with speed or way out, and what auto takes', () => {
  const report: DoctorReport = {
    machine: {
      system: 'linux x64',
      cpu: 'Example 9000',
      cpuFeatures: ['avx2', 'fma'],
      kernels: 'avx2',
      processor: 'avx512',
      threads: 8,
      engineThreads: 2,
      memoryGB: 32,
      freeGB: 20.5,
      gpus: ['Example GPU, 24576 MiB, 20000 MiB free, driver 580.1'],
      versions: { node: '22.0.0', webgpu: null },
    },
    engines: [
      { name: 'tensorflow', verdict: { works: false, reason: 'no libtensorflow', remedy: 'Run: ltml native install' } },
      {
        name: 'wasm',
        verdict: { works: true, detail: 'WebAssembly with SIMD' },
        speed: { matMulMs: 20, matMulGigaflops: 13.42, convMs: 33.1, opMicroseconds: 2.6 },
      },
    ],
    chosen: 'wasm',
    training: { imagesPerSecond: 1.234, peakGB: 1.26, day: '2026-11-30', isNew: true },
  };
  const lines = formatReport(report);
  expect(lines.slice(0, 3)).toEqual([
    'Training will run on wasm (WebAssembly with SIMD), about 1.2 images/s for ResNet-50 at 224.',
    'Measured now on one block of each stage; used 1.3 GB of memory.',
    '',
  ]);
  const text = lines.join('\n');
  expect(text).toContain('kernels   for avx2; this processor could run the kernels for avx512 (LTML_CPU)\n');
  expect(text).toContain('system    linux x64, 8 threads; engines compute with 2 (LTML_THREADS)\n');
  expect(text).toContain('memory    32 GB, 20.5 GB of it free');
  expect(text).toContain('GPU       Example GPU, 24576 MiB, 20000 MiB free, driver 580.1');
  expect(text).toContain('CPU       Example 9000 (avx2 fma)');
  expect(text).toContain('node 22.0.0, webgpu (none)');
  expect(text).toMatch(/^tensorflow +no +no libtensorflow\. Run: ltml native install$/m);
  expect(text).toMatch(/matMul 13\.4 GFLOP\/s, conv 3×3 33\.1 ms, one op 2\.60 µs/);

  const all = { ...report.machine, engineThreads: 8, processor: 'avx2' as const };
  const plain = formatReport({ ...report, machine: all }).join('\n');
  expect(plain).toContain('kernels   for avx2\n');
  expect(plain).toContain('system    linux x64, 8 threads\n');

  const kept = formatReport({ ...report, training: { ...report.training!, isNew: false } });
  expect(kept[1]).toMatch(/^Measured on 2026-11-30 on/);
  expect(formatReport({ ...report, training: undefined })[0]).toMatch(/\. Its speed was not measured\.$/);
  expect(formatReport({ ...report, engines: [], chosen: undefined })[0]).toMatch(/^No engine works here/);
});

test('the last line names what decodes pictures', () => {
  expect(formatDecoders({ sharp: '0.35.5', 'jpeg-turbo': '2.3.0' })).toBe(
    'pictures  JPEG by @julusian/jpeg-turbo 2.3.0, others by sharp 0.35.5',
  );
  expect(formatDecoders({ sharp: '0.35.5' })).toMatch(/^pictures {2}by sharp 0\.35\.5(; JPEG is read faster after|$)/);
});
