// Runs TensorFlow.js core's own tests on one engine: node --import tsx specs.ts BUNDLE ENGINE with|without PATTERN RESULTS.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { startWithKernels, startWithoutKernels } from './engine.ts';

/** Of jasmine-core, what is used here. */
interface Jasmine {
  getEnv(): {
    configure(options: { random: boolean; specFilter: (spec: { getFullName(): string }) => boolean }): void;
    clearReporters(): void;
    addReporter(reporter: { specDone(result: SpecResult): void }): void;
    execute(): Promise<unknown>;
  };
}

interface SpecResult {
  readonly fullName: string;
  readonly status: 'passed' | 'failed' | 'pending' | 'excluded';
  readonly failedExpectations: readonly { readonly message: string }[];
}

const [bundle, engine, kernels, pattern, results] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const jasmineCore = require('jasmine-core') as { boot(core: unknown): Jasmine };
const env = jasmineCore.boot(jasmineCore).getEnv();
await (kernels === 'with' ? startWithKernels(engine) : startWithoutKernels(engine));
Object.assign(globalThis, { ltmlTestEnvironment: { name: 'engine', backendName: engine, isDataSync: true } });
// Tests of deprecated things say so, hundreds of times.
console.warn = () => {};
require(bundle);

const outcomes: Record<string, string> = {};
const wanted = new RegExp(pattern);
env.configure({ random: false, specFilter: (spec) => wanted.test(spec.getFullName()) });
env.clearReporters();
env.addReporter({
  specDone({ fullName, status, failedExpectations }) {
    if (status === 'excluded') return;
    // Some names occur twice.
    let name = fullName;
    for (let i = 2; name in outcomes; i++) name = `${fullName} (${i})`;
    outcomes[name] = status === 'failed' ? `failed: ${failedExpectations[0]?.message ?? ''}` : status;
  },
});
await env.execute();
writeFileSync(results, JSON.stringify(outcomes));
process.exit(0);
