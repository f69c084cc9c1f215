import { closeSync, existsSync, openSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { checkCount } from '@ltml/tensor';
import { crc32c } from './crc32c.ts';
import { append, savingError } from './save-file.ts';

/**
 * Writes scalars for TensorBoard: an event file of TFRecord frames, each an `Event` protobuf.
 *
 * Each record is written at once, all or nothing, so that a killed run keeps its records. A continued run writes a new
 * file. Its start mark makes TensorBoard ignore later steps in older files.
 */
export class EventWriter {
  readonly #path: string;
  readonly #file: number;

  /** @param startStep number of steps already done; 0 at the start of a run */
  constructor(folder: string, startStep: number = 0) {
    checkCount('EventWriter', 'startStep', startStep, { min: 0 });
    const seconds = Math.floor(Date.now() / 1000);
    const stem = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}`);
    // The counter tells apart two writers of one process within one second.
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

  /** Writes one point for each name. TensorBoard groups names by the part before a slash. */
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

/** Cuts the event files of a folder back to their last complete record. No process may be writing to them. */
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

/** `SessionLog.START` of TensorBoard. */
const sessionStart = 1;

function now(): number {
  return Date.now() / 1000;
}

/** A TFRecord: length, masked checksum of the length, payload, masked checksum of the payload; little-endian. */
function frame(payload: Buffer): Buffer {
  const record = Buffer.alloc(payload.length + 16);
  record.writeBigUInt64LE(BigInt(payload.length), 0);
  record.writeUInt32LE(masked(record.subarray(0, 8)), 8);
  payload.copy(record, 12);
  record.writeUInt32LE(masked(payload), 12 + payload.length);
  return record;
}

/** The masked checksum of TFRecord. The mask avoids problems when a record contains checksums itself. */
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
