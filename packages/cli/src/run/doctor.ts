import type { BackendName } from '@ltml/engines';
import { type DoctorReport, type EngineReport, examine, examineEngine } from '@ltml/engines/node';
import { printJson, printLines } from '../terminal.ts';

export interface DoctorOptions {
  readonly json?: boolean;
  readonly has?: BackendName;
  readonly speed: boolean;
}

/** Prints what runs here; with `has`, sets the exit code by one engine. */
export async function doctor({ json, has, speed }: DoctorOptions): Promise<void> {
  if (has) {
    const { verdict } = await examineEngine(has);
    if (!verdict.works) process.exitCode = 1;
    if (json) await printJson({ name: has, verdict }, 2);
    else await printLines(...formatEngine({ name: has, verdict }));
    return;
  }
  const watching = !json && process.stderr.isTTY;
  const onEngine = (name: string): void => {
    if (watching) process.stderr.write(`\r\x1b[Kmeasuring ${name} …`);
  };
  const report = await examine({ speed, onEngine });
  if (watching) process.stderr.write('\r\x1b[K');
  if (json) await printJson(report, 2);
  else await printLines(...formatReport(report));
}

export function formatReport({ machine, engines, chosen }: DoctorReport): string[] {
  const installed = Object.entries(machine.versions).map(([name, version]) => `${name} ${version ?? '(none)'}`);
  return [
    `system    ${machine.system}, ${machine.threads} threads, ${machine.memoryGB} GB`,
    `CPU       ${machine.cpu} (${machine.cpuFeatures.join(' ')})`,
    `GPU       ${machine.gpus.join('; ') || 'none that nvidia-smi knows'}`,
    `versions  ${installed.join(', ')}`,
    '',
    ...engines.flatMap(formatEngine),
    '',
    chosen ? `auto takes ${chosen}` : 'no engine works here',
  ];
}

function formatEngine({ name, verdict, speed }: EngineReport): string[] {
  const label = name.padEnd(16);
  if (!verdict.works) return [`${label}no   ${verdict.reason}. ${verdict.remedy}`];
  const line = `${label}yes  ${verdict.detail}`;
  if (!speed) return [line];
  const { matMulGigaflops, convMs, opMicroseconds } = speed;
  const figures = `matMul ${matMulGigaflops.toPrecision(3)} GFLOP/s, conv 3×3 ${convMs.toPrecision(3)} ms`;
  return [line, `${' '.repeat(21)}${figures}, one op ${opMicroseconds.toPrecision(3)} µs`];
}
