import type { BackendName } from '@ltml/engines';
import { type DoctorReport, type EngineReport, examine, examineEngine } from '@ltml/engines/node';
import { decoderVersions } from '@ltml/images/node';
import { printJson, printLines } from '../terminal.ts';

/** Options of `ltml doctor`. */
export interface DoctorOptions {
  readonly json?: boolean;
  readonly has?: BackendName;
  readonly speed: boolean;
}

/** Prints which engines work here. With `has`, tests one engine; exit code 1 if it does not work. */
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
  const decoders = await decoderVersions();
  if (json) await printJson({ ...report, decoders }, 2);
  else await printLines(...formatReport(report), formatDecoders(decoders));
}

/** @param decoders versions of `decoderVersions` */
export function formatDecoders({ sharp, 'jpeg-turbo': turbo }: Readonly<Record<string, string>>): string {
  const label = 'pictures'.padEnd(10);
  if (turbo) return `${label}JPEG by @julusian/jpeg-turbo ${turbo}, others by sharp ${sharp}`;
  const quicker =
    process.platform === 'linux' ? '; JPEG is read faster after npm install koffi @julusian/jpeg-turbo@2' : '';
  return `${label}by sharp ${sharp}${quicker}`;
}

/** The report as lines of text. */
export function formatReport(report: DoctorReport): string[] {
  const { machine, engines } = report;
  const installed = Object.entries(machine.versions).map(([name, version]) => `${name} ${version ?? '(none)'}`);
  return [
    ...formatVerdict(report),
    '',
    ...engines.flatMap(formatEngine),
    '',
    `system    ${machine.system}, ${machine.threads} threads${limitedTo(machine)}`,
    `memory    ${machine.memoryGB} GB, ${machine.freeGB} GB of it free`,
    `CPU       ${machine.cpu} (${machine.cpuFeatures.join(' ')})`,
    `kernels   for ${machine.kernels}${insteadOf(machine)}${machine.system.endsWith('arm64') ? ', not tested on arm64' : ''}`,
    ...(machine.gpus.length > 0 ? machine.gpus : ['none found by nvidia-smi']).map((gpu) => `GPU       ${gpu}`),
    `versions  ${installed.join(', ')}`,
  ];
}

function limitedTo({ threads, engineThreads }: DoctorReport['machine']): string {
  return engineThreads === threads ? '' : `; engines compute with ${engineThreads} (LTML_THREADS)`;
}

function insteadOf({ kernels, processor }: DoctorReport['machine']): string {
  return kernels === processor ? '' : `; this processor could run the kernels for ${processor} (LTML_CPU)`;
}

/** The answer to the first question: which engine training will use, and how fast it is. */
function formatVerdict({ engines, chosen, training }: DoctorReport): string[] {
  const verdict = engines.find(({ name }) => name === chosen)?.verdict;
  if (!chosen || !verdict?.works) return ['No engine works here: training cannot run.'];
  const where = `Training will run on ${chosen} (${verdict.detail})`;
  if (!training) return [`${where}. Its speed was not measured.`];
  const { imagesPerSecond, peakGB, isNew, day } = training;
  const speed = `about ${Number(imagesPerSecond.toPrecision(2))} images/s for ResNet-50 at 224`;
  return [
    `${where}, ${speed}.`,
    `${isNew ? 'Measured now' : `Measured on ${day}`} on one block of each stage; used ${peakGB.toFixed(1)} GB of memory.`,
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
