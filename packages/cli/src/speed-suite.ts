import { formatSpeed, runSpeed, type SpeedTopic, speedRows, TorchPeer } from '@ltml/benchmarks';
import { ProgressLine } from './progress-line.ts';

export interface SpeedSuiteOptions {
  readonly engine: string;
  /** All topics if left out. */
  readonly rows?: readonly SpeedTopic[];
  readonly peer?: 'torch';
  readonly python?: string;
  readonly json?: boolean;
}

/** Times the rows of the chosen topics and prints them. */
export async function runSpeedSuite({ engine, rows, peer, python, json }: SpeedSuiteOptions): Promise<void> {
  const chosen = (rows ?? (Object.keys(speedRows) as SpeedTopic[])).flatMap((topic) => speedRows[topic]);
  const torch = peer && (await TorchPeer.start(python));
  try {
    const line = new ProgressLine();
    let done = 0;
    const results = await runSpeed(chosen, {
      engine,
      ...(torch && { peer: torch }),
      onResult: ({ row }) => line.show(++done / chosen.length, row),
    });
    line.clear();
    if (json) console.log(JSON.stringify(results, null, 2));
    else {
      if (torch) console.log(`PyTorch ${torch.version}, ${torch.threads} threads`);
      console.log(formatSpeed(results));
    }
  } finally {
    torch?.stop();
  }
}
