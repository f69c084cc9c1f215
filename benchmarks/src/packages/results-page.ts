import type { PackageResult, QualityResult, ResultRow } from './package-result.ts';
import type { Stamp } from './stamp.ts';

/** The page docs/results.md: the stored results of all packages, as Markdown. */
export function resultsPage(results: readonly PackageResult[]): string {
  const names = [...new Set(results.map((result) => result.package))];
  const sections = names.flatMap((name) => [
    `## ${name}`,
    '',
    ...results.filter((result) => result.package === name).flatMap(packageLines),
  ]);
  return [
    '# Results',
    '',
    'Do not edit this page: `npm run bench` writes it from `benchmarks/results`, and a test compares both.',
    '[Benchmarks](benchmarks.md) explains the measurements, [evidence](decisions/evidence.md) the choice of settings, and',
    '[lab notes](lab-notes.md) all experiments.',
    '',
    'Quality is in percent, mean ± standard deviation over seeds. Differences are in percentage points, with 95 % intervals',
    'over the test images. p values are corrected for all differences of the suite (Holm).',
    '',
    '<!-- Below this line: written by benchmarks/scripts/write-results-page.ts -->',
    '',
    ...sections,
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

function packageLines({ version, engine, quality, speed, parity }: PackageResult): string[] {
  return [
    `### Version ${version}, engine ${engine}`,
    '',
    ...(parity
      ? [
          `Parity with the authors’ code: ${parity.passed} cases passed, ${parity.failed} failed, ${parity.skipped} skipped (${stampText(parity.stamp)}).`,
          ...parity.failures.map((failure) => `- failed: ${escaped(failure)}`),
          '',
        ]
      : []),
    ...quality.flatMap(qualityLines),
    ...(speed ? speedLines(speed) : []),
  ];
}

function qualityLines({ suite, title, question, measures, rows, verdict, stamp }: QualityResult): string[] {
  const names = Object.keys(measures);
  const compared = Object.values(rows).filter(({ differences }) => Object.keys(differences).length > 0);
  const withDifference = names.filter((name) => compared.some(({ differences }) => differences[name]));
  return [
    `#### ${escaped(title)} (\`${suite}\`)`,
    '',
    escaped(question),
    '',
    ...verdict.map((sentence) => `- ${escaped(sentence)}`),
    '',
    ...table(
      ['row', 'seeds', ...names.map((name) => measures[name]), 'seconds'],
      Object.values(rows).map((row) => [
        escaped(row.title),
        String(row.seeds.length),
        ...names.map((name) => spreadText(row.measures[name])),
        row.seconds.mean?.toFixed(0) ?? '–',
      ]),
    ),
    '',
    ...(compared.length === 0
      ? []
      : [
          ...table(
            ['difference', ...withDifference.map((name) => measures[name])],
            compared.map((row) => [differenceTitle(row), ...withDifference.map((name) => differenceText(row, name))]),
          ),
          '',
        ]),
    `Measured ${stampText(stamp)}.`,
    '',
  ];
}

function speedLines({ stamp, peer, rows }: NonNullable<PackageResult['speed']>): string[] {
  const head = ['speed', 'ms', ...(peer === null ? [] : [`${peer}, ms`, 'ratio'])];
  const cells = rows.map(({ row, ms, peerMs, ratio }) => [
    escaped(row),
    ms.toFixed(2),
    ...(peer === null ? [] : [peerMs?.toFixed(2) ?? '–', ratio?.toFixed(2) ?? '–']),
  ]);
  return [
    ...table(head, cells),
    '',
    `Measured ${stampText(stamp)}. Medians over turns. Below a ratio of 1 we are faster.`,
    '',
  ];
}

function differenceTitle({ title, differences }: ResultRow): string {
  const [first] = Object.values(differences);
  return `${escaped(title)} − ${escaped(first?.against ?? '')}`;
}

function differenceText({ differences }: ResultRow, name: string): string {
  const { difference, low, high, p } = differences[name] ?? {};
  if (difference == null || low == null || high == null) return '–';
  const shown = p == null ? '' : p < 0.001 ? ', p < 0.001' : `, p = ${p.toFixed(3)}`;
  return `${signed(difference)} [${signed(low)}, ${signed(high)}]${shown}`;
}

function spreadText(value: ResultRow['seconds'] | undefined): string {
  if (value?.mean == null) return '–';
  return `${(100 * value.mean).toFixed(1)} ± ${(100 * (value.deviation ?? 0)).toFixed(1)}`;
}

function signed(value: number): string {
  return (value < 0 ? '−' : '+') + (100 * Math.abs(value)).toFixed(1);
}

function stampText({ date, commit, machine }: Stamp): string {
  return `${date.slice(0, 10)} at commit ${commit ?? 'unknown'} on ${escaped(machine)}`;
}

/** For a cell of a Markdown table. */
function escaped(text: string): string {
  return text.replace(/[\\|<>`*_[\]]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}
