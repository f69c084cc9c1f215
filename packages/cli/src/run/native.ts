import {
  type Installation,
  type InstallStep,
  installNative,
  listNativeEngines,
  type NativeEngine,
  readNativeStore,
  removeNativeEngine,
  type Verdict,
  verifyNativeEngine,
} from '@ltml/engines/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { printErrors, printJson, printLines } from '../terminal.ts';

/** Option of all `ltml native` commands. */
export interface JsonOption {
  readonly json?: boolean;
}

/** Options of `ltml native install`. */
export interface InstallOptions extends JsonOption {
  readonly gpu?: boolean;
  readonly tensorflow?: string;
  readonly from?: string;
}

/** Builds the engine if it is not installed yet. */
export async function install(options: InstallOptions): Promise<void> {
  const { gpu = false, tensorflow, from, json = false } = options;
  if (tensorflow && from) throw new UsageError('give --tensorflow or --from, not both: the version comes from --from');
  const start = performance.now();
  const installation = await installNative({
    gpu,
    ...(tensorflow ? { tensorflow } : {}),
    ...(from ? { from } : {}),
    ...(json ? {} : { onProgress: progressPrinter(process.stderr) }),
  });
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  if (json) await printJson({ ...installation, seconds }, 2);
  else await printLines(describe(installation, seconds));
}

function describe({ engine, already, verdict }: Installation, seconds: number): string {
  const done = already ? `${engine.name} is installed already` : `installed ${engine.name} in ${seconds} s`;
  return `${done}: ${describeVerdict(verdict)}`;
}

function describeVerdict(verdict: Verdict): string {
  return verdict.works ? `works (${verdict.detail})` : `does not work: ${verdict.reason}. ${verdict.remedy}`;
}

/** Prints the engines in the cache folder. */
export async function list({ json }: JsonOption): Promise<void> {
  const { engines, broken } = await readNativeStore();
  for (const [record, wrong] of broken) {
    printErrors(`warning: ${record} is broken (${wrong}); \`ltml native install\` builds its engine again`);
  }
  if (json) await printJson(engines, 2);
  else if (engines.length === 0) await printLines('none; `ltml native install` builds one');
  else await printLines(...engines.map(({ name, source, folder }) => `${name}  from ${source}  in ${folder}`));
}

/** Tests one engine, or all. Sets exit code 1 if one does not work. */
export async function test(name: string | undefined, { json }: JsonOption): Promise<void> {
  const engines = await findEngines(name);
  const results: { name: string; verdict: Verdict }[] = [];
  for (const engine of engines) results.push({ name: engine.name, verdict: await verifyNativeEngine(engine) });
  if (json) await printJson(results, 2);
  else await printLines(...results.map((result) => `${result.name} ${describeVerdict(result.verdict)}`));
  if (results.some((result) => !result.verdict.works)) process.exitCode = 1;
}

/** Deletes an engine. @throws UsageError if no engine has this name */
export async function remove(name: string, { json }: JsonOption): Promise<void> {
  const engine = (await listNativeEngines()).find((one) => one.name === name);
  if (!(await removeNativeEngine(name))) await findEngines(name);
  if (json) await printJson(engine ?? { name }, 2);
  else await printLines(`removed ${name}`);
}

async function findEngines(name: string | undefined): Promise<readonly NativeEngine[]> {
  const engines = await listNativeEngines();
  const found = name === undefined ? engines : engines.filter((engine) => engine.name === name);
  if (found.length > 0) return found;
  if (engines.length === 0) throw new UsageError('no native engine is installed; `ltml native install` builds one');
  throw new UsageError(`no engine ${name}; installed: ${engines.map((engine) => engine.name).join(', ')}`);
}

const stepNames: Record<InstallStep, string> = {
  fetch: 'downloading the TensorFlow wheel with pip',
  unpack: 'unpacking libtensorflow',
  compile: "compiling tfjs-node's addon",
  test: 'testing the engine',
};

/** Shows the installation: a moving bar on a terminal, elsewhere one line at the start of each step. */
export function progressPrinter(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
): (step: InstallStep, fraction: number) => void {
  let shown = '';
  return (step, fraction) => {
    const percent = Math.floor(fraction * 100);
    const bar = '#'.repeat(Math.floor(fraction * 30)).padEnd(30, '.');
    const line = stream.isTTY && percent > 0 ? `${stepNames[step]} ${bar} ${percent} %` : stepNames[step];
    if (line === shown || (!stream.isTTY && shown.startsWith(stepNames[step]))) return;
    const goesOn = shown.startsWith(stepNames[step]);
    stream.write(stream.isTTY ? `${shown && !goesOn ? '\n' : '\r'}${line}` : `${line}\n`);
    if (stream.isTTY && step === 'test') stream.write('\n');
    shown = line;
  };
}
