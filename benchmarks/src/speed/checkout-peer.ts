import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { NotSupportedError } from '@ltml/tensor';
import type { SpeedRow } from '../../../packages/tensor/bench/row.ts';
import type { SpeedPeer } from './peer.ts';
import { PeerProcess } from './peer-process.ts';

/** Runs the rows of another checkout of this repository, for example before a change, in a separate process. */
export class CheckoutPeer implements SpeedPeer {
  readonly #process: PeerProcess;
  readonly title: string;

  private constructor(process: PeerProcess, folder: string) {
    this.#process = process;
    this.title = folder;
  }

  /**
   * @param folder root of the checkout, with its dependencies installed
   * @throws NotSupportedError if its rows cannot be loaded or its engine does not start
   */
  static async start(folder: string, engine: string): Promise<CheckoutPeer> {
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const child = fileURLToPath(new URL('checkout-child.ts', import.meta.url));
    const benchmarks = join(resolve(folder), 'benchmarks');
    const started = await PeerProcess.start(process.execPath, ['--import', tsx, child, benchmarks, engine]);
    if (typeof started !== 'string') return new CheckoutPeer(started, folder);
    throw new NotSupportedError({
      where: 'CheckoutPeer.start',
      argument: 'folder',
      expected: `a checkout with installed dependencies and a working engine ${engine}`,
      received: `${folder}: ${started}`,
    });
  }

  async prepare({ name }: SpeedRow): Promise<boolean> {
    return (await this.#process.ask({ prepare: name })).found as boolean;
  }

  async time(calls: number): Promise<number> {
    return (await this.#process.ask({ calls })).ms as number;
  }

  stop(): void {
    this.#process.stop();
  }
}
