import { randomUUID } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { readingError, savingError } from './save-file.ts';

/** Who works in a run folder. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Among which processes the number counts: a container may have the name of its host. null where that can't be told. */
  readonly space: string | null;
  /** When the process started, where the system tells: a number of a dead process may be given to another. */
  readonly started: string | null;
  /** Tells two locks of one process apart. */
  readonly id: string;
}

/** Milliseconds after which a lock is touched again: a sign of life to other machines. */
const beat = 60_000;

/** Milliseconds after which the lock of another machine that was not touched is one of a dead process. */
const silence = 10 * beat;

/**
 * Keeps a run folder to one process, by a file `run.<n>.lock` in it that names the process.
 *
 * The lock of a process that is dead is taken over: by a file with the next number, which only one can make, so that of
 * several processes that come upon a dead one no two get in. Whether a process of another machine is dead shows by its lock,
 * which it touches every minute: after ten without, it is. The clock is that of the file system, which all machines share.
 */
export class RunLock {
  readonly #folder: string;
  readonly #name: string;
  readonly #owner: Owner;
  readonly #timer: NodeJS.Timeout;

  private constructor(folder: string, name: string, owner: Owner) {
    this.#folder = folder;
    this.#name = name;
    this.#owner = owner;
    this.#timer = setInterval(() => touch(join(folder, name)), beat).unref();
  }

  /**
   * @param where what errors say refused the folder
   * @throws DataError naming the process that works in the folder
   */
  static take(folder: string, where = 'openRunFolder'): RunLock {
    const owner = {
      pid: process.pid,
      host: hostname(),
      space: ownSpace(),
      started: startOf(process.pid),
      id: randomUUID(),
    };
    for (;;) {
      const newest = lockNames(folder).at(-1);
      if (newest !== undefined) {
        const other = readOwner(folder, newest);
        if (other === undefined) continue;
        if (isAlive(other, folder)) throw occupied(where, folder, newest, other);
      }
      const name = `run.${newest === undefined ? 1 : numberOf(newest) + 1}.lock`;
      if (!makeLock(folder, name, owner)) continue;
      const others = lockNames(folder).filter((other) => other !== name);
      // Another may have come in by another number, where a third gave its lock back meanwhile.
      const alone = !others.some((other) => isHeld(folder, other));
      for (const old of alone ? others : [name]) rmSync(join(folder, old), { force: true });
      if (alone) return new RunLock(folder, name, owner);
    }
  }

  /** @throws DataError if the lock is gone: the folder was moved or deleted, or another process was let in */
  check(): void {
    let owner: Owner | undefined;
    try {
      owner = readOwner(this.#folder, this.#name);
    } catch {
      // A file that is another's now, or nobody's.
    }
    if (owner?.id === this.#owner.id) return;
    throw new DataError({
      where: 'saving a run',
      argument: this.#folder,
      expected: `the folder that the run began in, with its ${this.#name}`,
      received: owner ? `one in which ${nameOf(owner)} works` : 'none or another one',
      hint: 'It was moved or deleted while the run went on.',
    });
  }

  /** Lets other processes in. */
  release(): void {
    clearInterval(this.#timer);
    try {
      this.check();
    } catch {
      return;
    }
    rmSync(join(this.#folder, this.#name), { force: true });
  }
}

/** Whether a name in a run folder is that of a lock. */
export function isLock(name: string): boolean {
  return /^run\.\d+\.lock$/.test(name);
}

/** Whether a process works in a run folder. */
export function isOccupied(folder: string): boolean {
  return lockNames(folder).some((name) => isHeld(folder, name));
}

function lockNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(isLock)
      .sort((a, b) => numberOf(a) - numberOf(b));
  } catch (cause) {
    throw readingError('openRunFolder', folder, cause);
  }
}

function numberOf(name: string): number {
  return Number(name.split('.')[1]);
}

/** Makes a lock with all that it says, or not at all; false if there is one of that name. */
function makeLock(folder: string, name: string, owner: Owner): boolean {
  const path = join(folder, name);
  const temporary = `${path}.${owner.id.slice(0, 8)}.tmp`;
  const text = `${JSON.stringify(owner)}\n`;
  try {
    writeFileSync(temporary, text, { flush: true });
    try {
      linkSync(temporary, path);
    } catch (error) {
      // Some file systems have no links.
      if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(codeOf(error))) throw error;
      writeFileSync(path, text, { flag: 'wx', flush: true });
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw savingError(path, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function isHeld(folder: string, name: string): boolean {
  const owner = readOwner(folder, name);
  return owner !== undefined && isAlive(owner, folder);
}

/** Writes the first character again, by which the file system notes its own time. */
function touch(path: string): void {
  try {
    const file = openSync(path, 'r+');
    try {
      writeSync(file, '{', 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // A lock that is gone is found at the next checkpoint.
  }
}

/** The time by the clock of a folder's file system. */
function timeIn(folder: string): number {
  const probe = join(folder, `time.${randomUUID().slice(0, 8)}.tmp`);
  try {
    writeFileSync(probe, '');
    return statSync(probe).mtimeMs;
  } catch {
    // It can't be written to.
    return Date.now();
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Who holds a lock; nothing if it was given back meanwhile. */
function readOwner(folder: string, name: string): (Owner & { readonly touched: number }) | undefined {
  const path = join(folder, name);
  let text: string;
  let touched: number;
  try {
    text = readFileSync(path, 'utf8');
    touched = statSync(path).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw readingError('openRunFolder', path, error);
  }
  const owner = parseOwner(text);
  if (owner) return { ...owner, touched };
  throw new DataError({
    where: 'openRunFolder',
    argument: path,
    expected: 'a lock with pid and host of a process',
    received: JSON.stringify(text.slice(0, 60)),
    hint: `Remove ${basename(path)} if no process works on this run.`,
  });
}

function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner;
    return Number.isSafeInteger(owner.pid) && owner.pid > 0 && typeof owner.host === 'string' ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** What may be alive counts as alive. */
function isAlive(owner: Owner & { readonly touched: number }, folder: string): boolean {
  const { pid, started, touched } = owner;
  if (!isNear(owner)) return timeIn(folder) - touched < silence;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if (codeOf(error) === 'ESRCH') return false;
  }
  const current = startOf(pid);
  return started === null || current === null || current === started;
}

/** Whether the number of a process says here whether it is alive. */
function isNear({ host, space }: Owner): boolean {
  const own = ownSpace();
  return host === hostname() && (space === own || space === null || own === null);
}

/** The namespace of process numbers, on Linux. */
function ownSpace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

/** When a process started, in ticks of the system; null where that can't be told. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name in parentheses, which may hold anything; the 22nd field of all.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie is dead and only waits for its parent.
    return fields[0] === 'Z' ? 'ended' : fields[19];
  } catch {
    return null;
  }
}

function occupied(where: string, folder: string, name: string, owner: Owner): DataError {
  const here = isNear(owner);
  return new DataError({
    where,
    argument: folder,
    expected: 'a folder in which no other process works',
    received: `one in which ${nameOf(owner)} works`,
    hint: here
      ? 'Wait for its end, or stop it.'
      : `If that process is dead, wait ten minutes, or remove ${join(folder, name)}.`,
  });
}

function nameOf({ pid, host }: Owner): string {
  return `process ${pid} on ${host}`;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
