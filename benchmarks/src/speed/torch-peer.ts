import { NotSupportedError } from '@ltml/tensor';
import type { SpeedRow } from '../../../packages/tensor/bench/row.ts';
import type { SpeedPeer } from './peer.ts';
import { PeerProcess } from './peer-process.ts';

/** The Python program that runs rows on command; see {@link PeerProcess}. */
const program = `
import json, sys, time
import torch
print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
run = None
for line in sys.stdin:
    command = json.loads(line)
    try:
        if "prepare" in command:
            scope = {"torch": torch}
            exec(command["prepare"], scope)
            run = scope["run"]
            answer = {"ready": True}
        elif "compile" in command:
            try:
                compiled = torch.compile(run)
                compiled()
                run = compiled
                answer = {"compiled": True}
            except Exception:
                answer = {"compiled": False}
        else:
            start = time.perf_counter()
            for _ in range(command["calls"]):
                run()
            answer = {"ms": (time.perf_counter() - start) * 1000 / command["calls"]}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
`;

/** Environment variables that limit PyTorch, oneDNN and MKL to the same CPU instructions as `LTML_CPU` limits us to. */
function maskedProcessor(): Record<string, string> {
  const masks: Record<string, Record<string, string>> = {
    avx2: { ATEN_CPU_CAPABILITY: 'avx2', ONEDNN_MAX_CPU_ISA: 'AVX2', MKL_ENABLE_INSTRUCTIONS: 'AVX2' },
    portable: { ATEN_CPU_CAPABILITY: 'default', ONEDNN_MAX_CPU_ISA: 'SSE41', MKL_ENABLE_INSTRUCTIONS: 'SSE4_2' },
  };
  return masks[process.env.LTML_CPU ?? ''] ?? {};
}

/** PyTorch in a separate process, which is used for all rows. */
export class TorchPeer implements SpeedPeer {
  readonly #process: PeerProcess;
  readonly title: string;
  /** Version of PyTorch. */
  readonly version: string;

  private constructor(process: PeerProcess) {
    this.#process = process;
    this.version = process.hello.torch as string;
    this.title = `PyTorch ${this.version}, ${process.hello.threads} threads`;
  }

  /**
   * Starts a Python that can import torch.
   *
   * @param python its command; default: `python3`, else `python`
   *
   * @throws NotSupportedError if there is none
   */
  static async start(python?: string): Promise<TorchPeer> {
    const candidates = python ? [python] : ['python3', 'python'];
    const reasons: string[] = [];
    for (const candidate of candidates) {
      const started = await PeerProcess.start(candidate, ['-c', program], maskedProcessor());
      if (typeof started !== 'string') return new TorchPeer(started);
      reasons.push(`${candidate}: ${started}`);
    }
    throw new NotSupportedError({
      where: 'TorchPeer.start',
      argument: 'python',
      expected: 'a Python with PyTorch',
      received: reasons.join('; '),
      hint: 'Name one with --python, or leave --peer out.',
    });
  }

  /** Creates the inputs of a row. @throws DataError with Python's message */
  async prepare({ torch }: SpeedRow): Promise<true> {
    await this.#process.ask({ prepare: torch });
    return true;
  }

  /** Applies `torch.compile`. False if that fails, for example without a C++ compiler or Python's headers. */
  async compile(): Promise<boolean> {
    return (await this.#process.ask({ compile: true })).compiled as boolean;
  }

  async time(calls: number): Promise<number> {
    return (await this.#process.ask({ calls })).ms as number;
  }

  stop(): void {
    this.#process.stop();
  }
}
