import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventWriter } from '@ltml/train/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crc32c } from '../../src/node/crc32c.ts';
import { cutTornRecords } from '../../src/node/tensorboard.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-events-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A reader of its own: bit by bit, from the definitions of CRC-32C, TFRecord and protobuf. */
function slowCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const carry = (crc ^ (byte >>> bit)) & 1;
      crc = (crc >>> 1) ^ (carry ? 0x82f63b78 : 0);
    }
  }
  return ~crc >>> 0;
}

function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated << 15) | (rotated >>> 17)) >>> 0;
}

function records(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    expect(unmask(file.readUInt32LE(at + 8))).toBe(slowCrc(file.subarray(at, at + 8)));
    const payload = file.subarray(at + 12, at + 12 + length);
    expect(unmask(file.readUInt32LE(at + 12 + length))).toBe(slowCrc(payload));
    found.push(payload);
    at += 16 + length;
  }
  return found;
}

/** Fields of a protobuf message in order: number and raw value. */
function fields(message: Buffer): [number, Buffer | number][] {
  const found: [number, Buffer | number][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const [number, type] = [key >>> 3, key & 7];
    if (type === 0) found.push([number, varint()]);
    else {
      const length = type === 1 ? 8 : type === 5 ? 4 : varint();
      found.push([number, message.subarray(at, at + length)]);
      at += length;
    }
  }
  return found;
}

interface Event {
  time: number;
  step: number;
  version?: string;
  start?: boolean;
  values?: Record<string, number>;
}

function decode(payload: Buffer): Event {
  const event: Event = { time: 0, step: 0 };
  for (const [field, value] of fields(payload)) {
    if (field === 1) event.time = (value as Buffer).readDoubleLE();
    if (field === 2) event.step = value as number;
    if (field === 3) event.version = String(value);
    if (field === 7) event.start = fields(value as Buffer)[0][1] === 1;
    if (field === 5) {
      const entries = fields(value as Buffer).map(([, entry]) => {
        const parts = new Map(fields(entry as Buffer));
        return [String(parts.get(1)), (parts.get(2) as Buffer).readFloatLE()];
      });
      event.values = Object.fromEntries(entries);
    }
  }
  return event;
}

const events = () =>
  readdirSync(folder)
    .sort()
    .map((name) => records(readFileSync(join(folder, name))).map(decode));

describe('EventWriter', () => {
  it('writes scalars that can be read back, with sound checksums', () => {
    const writer = new EventWriter(folder);
    writer.scalars(1, { 'train/loss': 0.5, größe: -3 });
    writer.scalars(300, { 'train/loss': 0.25 });
    writer.scalars(5_000_000_000, { 'train/loss': Number.NaN });
    writer.scalars(7, {});
    writer.close();
    const [[version, ...points]] = events();
    expect(version).toMatchObject({ step: 0, version: 'brain.Event:2' });
    expect(points.map(({ step, values }) => [step, values])).toEqual([
      [1, { 'train/loss': 0.5, größe: -3 }],
      [300, { 'train/loss': 0.25 }],
      [5_000_000_000, { 'train/loss': Number.NaN }],
    ]);
    expect(Math.abs(points[0].time - Date.now() / 1000)).toBeLessThan(60);
  });

  it('marks the first step that a run computes anew, in a file of its own', () => {
    new EventWriter(folder).close();
    new EventWriter(folder, 20).close();
    const [first, second] = events();
    expect(first.map(({ start }) => start)).toEqual([undefined]);
    expect(second.map(({ start, step }) => [start, step])).toEqual([
      [undefined, 0],
      [true, 21],
    ]);
  });

  it('refuses steps that are no whole numbers from 0', () => {
    for (const step of [-1, 0.5, Number.NaN]) {
      expect(() => new EventWriter(folder, step)).toThrow(/startStep should be a whole number ≥ 0/);
    }
    expect(readdirSync(folder)).toEqual([]);
    const writer = new EventWriter(folder);
    expect(() => writer.scalars(Number.NaN, { a: 1 })).toThrow(/step should be a whole number ≥ 0/);
    writer.close();
  });

  it('names its files as TensorBoard looks for them', () => {
    new EventWriter(folder).close();
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^events\.out\.tfevents\.\d{10}\..+\.\d+\.0$/)]);
  });
});

describe('cutTornRecords', () => {
  it('cuts a file back to its last whole record, wherever a kill cut it off', () => {
    const writer = new EventWriter(folder);
    for (const step of [1, 2, 3]) writer.scalars(step, { 'train/loss': step });
    writer.close();
    const path = join(folder, readdirSync(folder)[0]);
    const whole = readFileSync(path);
    const ends = [0];
    for (const payload of records(whole)) ends.push((ends.at(-1) ?? 0) + payload.length + 16);
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      cutTornRecords(folder);
      const kept = ends.filter((end) => end <= length).at(-1);
      expect(readFileSync(path)).toEqual(whole.subarray(0, kept));
    }
  });
});

describe('crc32c', () => {
  it('has the published check value', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });

  it('agrees with the definition bit by bit', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * i * 31) >>> 3);
    expect(crc32c(bytes)).toBe(slowCrc(bytes));
  });
});
