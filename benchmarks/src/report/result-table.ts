import { type Markup, markup, sortableTable } from '@ltml/report';
import type { Spread } from '../suites/spread.ts';
import { referenceOf } from '../suites/suite.ts';
import type { SuiteResult } from '../suites/suite-result.ts';
import { placeOf, rowColor } from './row-style.ts';

/**
 * The table of measures of all rows, as mean ± standard deviation over seeds. The last column is the time of a run,
 * with its ratio to the row compared with.
 */
export function resultTable(result: SuiteResult): Markup {
  const { suite, measures, rows } = result;
  const names = Object.keys(measures.titles);
  const best = names.map((name) => Math.max(...rows.map(({ measures: own }) => own[name].mean)));
  const cell = ({ mean, deviation }: Spread, isBest: boolean): Markup => {
    const text = (100 * mean).toFixed(1);
    const shown = isBest ? markup`<strong>${text}</strong>` : text;
    return markup`<td data-sort="${mean}">${shown} <small>± ${(100 * deviation).toFixed(1)}</small></td>`;
  };
  const secondsOf = (row: string | undefined): number | undefined =>
    rows.find((summary) => summary.row === row)?.seconds.mean;
  const body = rows.map((summary) => {
    const { row, title, measures: own, seconds } = summary;
    const cells = names.map((name, i) => cell(own[name], own[name].mean === best[i]));
    const other = secondsOf(referenceOf(suite, row));
    const ratio = other ? markup` <small>× ${(seconds.mean / other).toFixed(1)}</small>` : markup``;
    const head = markup`<a href="#${`${suite.name}-${row}`}"><i style="background:${rowColor(placeOf(result, summary))}"></i>${title}</a>`;
    return markup`<tr><th scope="row">${head}</th>${cells}<td data-sort="${seconds.mean}">${seconds.mean.toFixed(1)}${ratio}</td></tr>`;
  });
  return sortableTable(['row', ...Object.values(measures.titles), 'seconds a run'], body);
}
