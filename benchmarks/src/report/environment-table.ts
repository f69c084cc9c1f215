import { type Markup, markup } from '@ltml/report';
import type { RunRecord } from '../suites/run-record.ts';

/** The machine of the newest run, and the engines of all runs. */
export function environmentTable(runs: readonly RunRecord[]): Markup {
  const { environment } = runs.reduce((newest, run) =>
    run.environment.started > newest.environment.started ? run : newest,
  );
  const { started, node, system, cpu, threads, versions } = environment;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const entries: readonly (readonly [string, string])[] = [
    ['engine', [...new Set(runs.map((run) => run.environment.backend))].join(', ')],
    ['processor', `${cpu}, ${threads} threads`],
    ['system', `${system}, Node ${node}`],
    ['packages', packages.join(', ')],
    ['newest run', started],
  ];
  return markup`<table>${entries.map(([name, value]) => markup`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table>`;
}
