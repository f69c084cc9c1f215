import { type BackendName, type DoctorReport, type EngineReport, examine, examineEngine } from '@ltml/tensor/node';
import { type Command, Option } from 'commander';

const names: readonly BackendName[] = ['tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu'];

interface DoctorCommandOptions {
  readonly json?: boolean;
  readonly has?: BackendName;
  readonly speed: boolean;
}

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('tell which engines run on this machine, how fast, and what to do about the others')
    .option('--json', 'print the findings as JSON')
    .addOption(new Option('--has <engine>', 'test this engine only; exit code 0 if it works, else 1').choices(names))
    .option('--no-speed', 'do not measure (about five seconds an engine)')
    .action(doctor);
}

async function doctor({ json, has, speed }: DoctorCommandOptions): Promise<void> {
  if (has) {
    const { verdict } = await examineEngine(has);
    if (!verdict.works) process.exitCode = 1;
    console.log(json ? JSON.stringify({ name: has, verdict }, null, 2) : formatEngine({ name: has, verdict }));
    return;
  }
  const watching = !json && process.stderr.isTTY;
  const onEngine = (name: string): void => {
    if (watching) process.stderr.write(`\r\x1b[Ktesting ${name} …`);
  };
  const report = await examine({ speed, onEngine });
  if (watching) process.stderr.write('\r\x1b[K');
  console.log(json ? JSON.stringify(report, null, 2) : formatReport(report));
}

export function formatReport({ machine, engines, chosen }: DoctorReport): string {
  const installed = Object.entries(machine.versions).map(([name, version]) => `${name} ${version ?? '(none)'}`);
  return [
    `system    ${machine.system}, ${machine.threads} threads, ${machine.memoryGB} GB`,
    `CPU       ${machine.cpu} (${machine.cpuFeatures.join(' ')})`,
    `GPU       ${machine.gpus.join('; ') || 'none that nvidia-smi knows'}`,
    `versions  ${installed.join(', ')}`,
    '',
    ...engines.map(formatEngine),
    '',
    chosen ? `auto takes ${chosen}` : 'no engine works here',
  ].join('\n');
}

function formatEngine({ name, verdict, speed }: EngineReport): string {
  const label = name.padEnd(16);
  if (!verdict.works) return `${label}no   ${verdict.reason}. ${verdict.remedy}`;
  const line = `${label}yes  ${verdict.detail}`;
  if (!speed) return line;
  const { matMulGigaflops, convMs, opMicroseconds } = speed;
  const figures = `matMul ${matMulGigaflops.toPrecision(3)} GFLOP/s, conv 3×3 ${convMs.toPrecision(3)} ms`;
  return `${line}\n${' '.repeat(21)}${figures}, one op ${opMicroseconds.toPrecision(3)} µs`;
}
