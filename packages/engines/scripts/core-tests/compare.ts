import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleCoreTests } from './bundle.ts';

/** How TensorFlow.js core's own tests end on an engine. */
export interface Comparison {
  readonly without: Counts;
  readonly with: Counts;
  /** Those that pass without our kernels and fail with them, each with its reason. */
  readonly broken: readonly string[];
  /** Those that fail without them and pass with them. */
  readonly mended: readonly string[];
}

/** Tests of behaviour that is another on every engine of ours, as it is PyTorch's. */
const decidedOtherwise = [/^maxPool .* ignores NaNs$/];

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

type Outcomes = Readonly<Record<string, string>>;

/** Runs the tests whose names match on an engine without our kernels and with them, in processes of their own. */
export async function compareCoreTests(engine: string, pattern: string): Promise<Comparison> {
  const bundle = await bundleCoreTests();
  const before = await outcomesOf(bundle, engine, 'without', pattern);
  const after = await outcomesOf(bundle, engine, 'with', pattern);
  const names = Object.keys(before).filter((name) => !decidedOtherwise.some((pattern) => pattern.test(name)));
  return {
    without: count(before),
    with: count(after),
    broken: names
      .filter((name) => before[name] === 'passed' && after[name] !== 'passed')
      .map((name) => `${name}: ${after[name] ?? 'did not run'}`),
    mended: names.filter((name) => before[name].startsWith('failed') && after[name] === 'passed'),
  };
}

function count(outcomes: Outcomes): Counts {
  const values = Object.values(outcomes);
  const passed = values.filter((value) => value === 'passed').length;
  return { passed, failed: values.filter((value) => value.startsWith('failed')).length };
}

async function outcomesOf(bundle: string, engine: string, kernels: string, pattern: string): Promise<Outcomes> {
  const folder = mkdtempSync(join(tmpdir(), 'ltml-core-tests-'));
  const results = join(folder, 'results.json');
  const specs = fileURLToPath(new URL('specs.ts', import.meta.url));
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  try {
    const args = ['--import', tsx, specs, bundle, engine, kernels, pattern, results];
    // Threads would be started anew for each suite.
    const child = spawn(process.execPath, args, {
      env: { ...process.env, LTML_THREADS: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (chunk) => {
      complaint = (complaint + chunk).slice(-4000);
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0) throw new Error(`the tests on ${engine} ended with ${code}: ${complaint}`);
    return JSON.parse(readFileSync(results, 'utf8')) as Outcomes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
