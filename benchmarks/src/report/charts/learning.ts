import { axis, type Chart } from '@ltml/report';
import type { EpochLoss } from '../../suites/run-record.ts';
import { mean } from '../../suites/spread.ts';
import type { SuiteResult } from '../../suites/suite-result.ts';
import type { RowSummary } from '../../suites/summary.ts';
import { lineOf, placeOf } from '../row-style.ts';
import { legend, legendHeight, width } from './layout.ts';

/**
 * Training loss over the epochs for some rows. Each stage is divided by the loss of its first epoch, because different
 * losses have no common unit.
 */
export function learningChart(result: SuiteResult, rows: readonly RowSummary[]): Chart {
  const names = rows.map(({ title }) => title);
  const top = legendHeight(names) + 24;
  return {
    width,
    height: 320 + top,
    option: {
      legend: legend(names),
      grid: { left: 60, right: 30, top, bottom: 60 },
      xAxis: axis({
        type: 'value',
        min: 0,
        max: 100,
        name: 'epochs, % of the training',
        nameLocation: 'middle',
        nameGap: 32,
      }),
      yAxis: axis({
        type: 'value',
        name: 'loss ÷ that of the first epoch of its stage',
        nameTextStyle: { align: 'left', color: 'currentColor' },
        scale: true,
      }),
      series: rows.map((summary) => ({
        name: summary.title,
        type: 'line',
        symbol: 'none',
        ...lineOf(placeOf(result, summary)),
        data: curveOf(result.runs.filter(({ row }) => row === summary.row).map(({ epochs }) => epochs)),
      })),
    },
  };
}

/** Whether a row has more than one epoch to show. */
export function hasCurve({ runs }: SuiteResult, { row }: RowSummary): boolean {
  return runs.some((run) => run.row === row && run.epochs.length > 1);
}

/** Points [share of the training in percent, loss relative to the first epoch of the stage], averaged over seeds. */
function curveOf(seeds: readonly (readonly EpochLoss[])[]): [number, number | null][] {
  const length = Math.min(...seeds.map(({ length }) => length));
  return Array.from({ length }, (_, i) => {
    const values = seeds.map((epochs) => relative(epochs, i));
    const value = mean(values);
    return [(100 * (i + 1)) / length, Number.isFinite(value) ? value : null];
  });
}

function relative(epochs: readonly EpochLoss[], i: number): number {
  const first = epochs.find(({ stage }) => stage === epochs[i].stage)?.loss ?? Number.NaN;
  return (epochs[i].loss ?? Number.NaN) / first;
}
