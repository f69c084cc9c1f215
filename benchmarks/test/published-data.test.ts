import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dataAdapters } from '../src/parity/data.ts';
import { runParity } from '../src/parity/run.ts';

// These stored calls hold label rows of published data sets, which may not be shipped: they are compared where someone
// has put them beside the repository.
const golden = (part: string): string => fileURLToPath(new URL(`../../../shared/golden/${part}`, import.meta.url));

const published = [
  ['losses', 'ClassAwareSampler', 8],
  ['losses', 'create_coco_longtail', 2],
  ['losses', 'create_voc_longtail', 2],
  ['losses', 'pareto_dist', 3],
  ['sarb', 'dropLabels', 4],
] as const;

for (const [part, name, cases] of published) {
  test.skipIf(!existsSync(golden(part)))(`${name} gives the published values (needs golden/${part})`, async () => {
    const results = (await runParity([golden(part)], { [name]: dataAdapters[name] })).filter(
      (result) => result.function === name,
    );
    expect(results).toHaveLength(cases);
    expect(results.flatMap(({ problems }) => problems)).toEqual([]);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['passed']));
  });
}
