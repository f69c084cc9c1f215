// Methods of the track of partial labels at all nine proportions of the papers' tables: for each a table with averages, whether
// mAP rises with the proportion, and, with --svg, a plot of mAP against it.
//   node --import tsx benchmarks/scripts/partial-labels-nine.ts [--svg FILE] [--seed N] [method …]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { useBackend } from '@ltml/engines';
import { type PartialLabelsKey, partialLabelsRows } from '../src/quality/partial-labels/methods.ts';
import {
  formatProportions,
  type ProportionScores,
  proportionReport,
  proportionScores,
  publishedProportions,
} from '../src/quality/partial-labels/proportions.ts';
import { protocols } from '../src/quality/partial-labels/protocol.ts';
import { loadPartialLabels, trainPartial, withKnown } from '../src/quality/partial-labels/track.ts';
import { seriesChart } from '../src/report/charts.ts';
import { renderSvg } from '../src/report/svg.ts';

const { values, positionals } = parseArgs({
  options: { svg: { type: 'string' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const keys = (positionals.length > 0 ? positionals : ['ssgrl', 'sarb']) as PartialLabelsKey[];
const protocol = protocols.full;
await useBackend();
const parts = await loadPartialLabels(protocol.views);
const all = new Map<PartialLabelsKey, ReadonlyMap<number, ProportionScores>>();
for (const key of keys) {
  const byProportion = new Map<number, ProportionScores>();
  for (const proportion of publishedProportions) {
    const train = withKnown(parts.train, proportion, Number(values.seed));
    const rate = protocol.learningRates[key];
    const run = await trainPartial(partialLabelsRows[key], { ...parts, train }, protocol, rate, Number(values.seed));
    byProportion.set(proportion, proportionScores(run.scores));
  }
  console.log(`${partialLabelsRows[key].title}\n${formatProportions(proportionReport(byProportion))}\n`);
  all.set(key, byProportion);
}
if (values.svg !== undefined) {
  const summaries = [...all].map(([key, byProportion]) => ({
    key,
    title: partialLabelsRows[key].title,
    measures: Object.fromEntries(
      [...byProportion].map(([at, scores]) => [`${at}`, { mean: scores.meanAveragePrecision, deviation: 0 }]),
    ),
  }));
  const points = publishedProportions.map((at) => ({ at: Math.round(100 * at), measure: `${at}` }));
  const series = { title: 'mAP', axis: 'known labels, %', points };
  writeFileSync(
    values.svg,
    renderSvg(seriesChart({ methods: partialLabelsRows }, series, summaries), 'mAP against known labels').html,
  );
}
process.exit();
