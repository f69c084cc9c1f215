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

/** The process that uses a run folder. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Namespace of the process id: a container may have the same host name as its host. Null if unknown. */
  readonly space: string | null;
  /** Start time of the process, since ids of dead processes are used again. Null if unknown. */
  readonly started: string | null;
  /** Tells two locks of the same process apart. */
  readonly id: string;
}

/** Milliseconds between two touches of a lock, which show other machines that the process is alive. */
const beat = 60_000;

/** A lock of another machine that was not touched for so many milliseconds belongs to a dead process. */
const silence = 10 * beat;

/**
 * Locks a run folder for one process, with a file `run.<n>.lock` that names the process.
 *
 * The lock of a dead process is taken over by making a file with the next number, which only one process can do. So if
 * several processes find a dead one, only one of them gets in. On another machine, a process touches its lock every
 * minute; after ten minutes without a touch it counts as dead. Times are those of the file system, which all machines
 * share.
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
   * Locks a folder.
   *
   * @param where name of the caller, for errors
   * @throws DataError naming the process that uses the folder
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
      // Another process may have got in with another number, if a third one released its lock in the meantime.
      const alone = !others.some((other) => isHeld(folder, other));
      for (const old of alone ? others : [name]) rmSync(join(folder, old), { force: true });
      if (alone) return new RunLock(folder, name, owner);
    }
  }

  /** @throws DataError if the lock is gone: the folder was moved or deleted, or another process got in */
  check(): void {
    let owner: Owner | undefined;
    try {
      owner = readOwner(this.#folder, this.#name);
    } catch {
      // The file now belongs to another process, or to none.
    }
    if (owner?.id === this.#owner.id) return;
    throw new DataError({
      where: 'saving a run',
      argument: this.#folder,
      expected: `the folder in which the run began, with ${this.#name}`,
      received: owner ? `a folder used by ${nameOf(owner)}` : 'no such folder, or another one',
      hint: 'The folder was moved or deleted during the run.',
    });
  }

  /** Unlocks the folder. */
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

/** Whether a file name is that of a lock. */
export function isLock(name: string): boolean {
  return /^run\.\d+\.lock$/.test(name);
}

/** Whether a process uses a run folder. */
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

/** Makes a complete lock file, or none. @returns false if the name exists already */
function makeLock(folder: string, name: string, owner: Owner): boolean {
  const path = join(folder, name);
  const temporary = `${path}.${owner.id.slice(0, 8)}.tmp`;
  const text = `${JSON.stringify(owner)}\n`;
  try {
    writeFileSync(temporary, text, { flush: true });
    try {
      linkSync(temporary, path);
    } catch (error) {
      // Some file systems have no hard links.
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

/** Rewrites the first character, so that the file system updates the time of the file. */
function touch(path: string): void {
  try {
    const file = openSync(path, 'r+');
    try {
      writeSync(file, '{', 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // A missing lock is noticed at the next checkpoint.
  }
}

/** The current time by the clock of the folder's file system, in ms. */
function timeIn(folder: string): number {
  const probe = join(folder, `time.${randomUUID().slice(0, 8)}.tmp`);
  try {
    writeFileSync(probe, '');
    return statSync(probe).mtimeMs;
  } catch {
    // The folder can't be written to.
    return Date.now();
  } finally {
    rmSync(probe, { force: true });
  }
}

/** The owner of a lock; undefined if the lock was released in the meantime. */
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
    expected: 'a lock with the pid and host of a process',
    received: JSON.stringify(text.slice(0, 60)),
    hint: `Delete ${basename(path)} if no process works on this run.`,
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

/** Whether a process may still be alive. */
function isAlive(owner: Owner & { readonly touched: number }, folder: string): boolean {
  const { pid, started, touched } = owner;
  if (!isNear(owner)) return timeIn(folder) - touched < silence;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    if (codeOf(error) === 'ESRCH') return false;
  }
  const current = startOf(pid);
  return started === null || current === null || current === started;
}

/** Whether a process id of the owner can be checked on this machine. */
function isNear({ host, space }: Owner): boolean {
  const own = ownSpace();
  return host === hostname() && (space === own || space === null || own === null);
}

/** The namespace of process ids; null unless on Linux. */
function ownSpace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

/** Start time of a process, in system ticks; null if unknown. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may contain anything. After it, the start time is field 22 of the whole line.
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
    expected: 'a folder that no other process uses',
    received: `a folder used by ${nameOf(owner)}`,
    hint: here
      ? 'Wait until it ends, or stop it.'
      : `If that process is dead, wait ten minutes, or delete ${join(folder, name)}.`,
  });
}

function nameOf({ pid, host }: Owner): string {
  return `process ${pid} on ${host}`;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
