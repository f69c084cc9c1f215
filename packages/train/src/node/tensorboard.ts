import { closeSync, existsSync, openSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { checkCount } from '@ltml/tensor';
import { crc32c } from './crc32c.ts';
import { append, savingError } from './save-file.ts';

/**
 * Writes scalars for TensorBoard: an event file of TFRecord frames, each an `Event` protobuf.
 *
 * Every record goes to the file at once, in full or not at all, so a run that is killed keeps what it told. A run that goes on writes a new
 * file; its start mark makes TensorBoard drop what older files say of later steps.
 */
export class EventWriter {
  readonly #path: string;
  readonly #file: number;

  /** @param startStep steps done when the run goes on; 0 at its beginning */
  constructor(folder: string, startStep: number = 0) {
    checkCount('EventWriter', 'startStep', startStep, { min: 0 });
    const seconds = Math.floor(Date.now() / 1000);
    const stem = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}`);
    // Two writers of one process in one second: the counter tells them apart.
    let n = 0;
    while (existsSync(`${stem}.${n}`)) n++;
    this.#path = `${stem}.${n}`;
    try {
      this.#file = openSync(this.#path, 'ax');
    } catch (cause) {
      throw savingError(this.#path, cause);
    }
    this.#write(Buffer.concat([double(1, now()), text(3, 'brain.Event:2')]));
    if (startStep > 0) this.#write(event(startStep + 1, message(7, varintField(1, sessionStart))));
  }

  /** One point for each name. Names with a slash are grouped by what stands before it. */
  scalars(step: number, values: Readonly<Record<string, number>>): void {
    checkCount('EventWriter.scalars', 'step', step, { min: 0 });
    const entries = Object.entries(values);
    if (entries.length === 0) return;
    const summary = entries.map(([tag, value]) => message(1, Buffer.concat([text(1, tag), float(2, value)])));
    this.#write(event(step, message(5, Buffer.concat(summary))));
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(payload: Buffer): void {
    append(this.#path, this.#file, frame(payload));
  }
}

/** Cuts the event files of a folder, to which nobody writes, back to their last whole record. */
export function cutTornRecords(folder: string): void {
  for (const name of readdirSync(folder).filter((name) => name.startsWith('events.out.tfevents.'))) {
    const path = join(folder, name);
    try {
      cutTornRecord(path);
    } catch (cause) {
      throw savingError(path, cause);
    }
  }
}

function cutTornRecord(path: string): void {
  const bytes = readFileSync(path);
  let end = 0;
  while (end + 12 <= bytes.length && bytes.readUInt32LE(end + 8) === masked(bytes.subarray(end, end + 8))) {
    const next = end + Number(bytes.readBigUInt64LE(end)) + 16;
    if (next > bytes.length) break;
    end = next;
  }
  if (end < bytes.length) truncateSync(path, end);
}

/** `SessionLog.START`. */
const sessionStart = 1;

function now(): number {
  return Date.now() / 1000;
}

/** TFRecord: length, its masked checksum, payload, its masked checksum; little-endian. */
function frame(payload: Buffer): Buffer {
  const record = Buffer.alloc(payload.length + 16);
  record.writeBigUInt64LE(BigInt(payload.length), 0);
  record.writeUInt32LE(masked(record.subarray(0, 8)), 8);
  payload.copy(record, 12);
  record.writeUInt32LE(masked(payload), 12 + payload.length);
  return record;
}

/** TFRecord turns and shifts its checksums, so that a checksum of a record with checksums is no special case. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function event(step: number, what: Buffer): Buffer {
  return Buffer.concat([double(1, now()), varintField(2, step), what]);
}

// The wire format of protobuf: a key (field number and wire type), then the value.

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

function varintField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([varint(field * 8 + 1), bytes]);
}

function message(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

function text(field: number, value: string): Buffer {
  return message(field, Buffer.from(value, 'utf8'));
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint(field * 8 + 5), bytes]);
}
