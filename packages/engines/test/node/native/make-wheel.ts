import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Writes a wheel: a zip file, its members stored, with the record of hashes that Python's packaging prescribes. */
export function makeWheel(path: string, files: Record<string, string>, record = recordOf(files)): void {
  const members = { ...files, 'tensorflow_cpu-2.21.0.dist-info/RECORD': record };
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(members)) {
    const data = Buffer.from(text);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    const made = Buffer.from([20, 0]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), made, common, rest, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  writeFileSync(path, Buffer.concat([...parts, central, end]));
}

export function recordOf(files: Record<string, string>): string {
  return Object.entries(files)
    .map(([name, text]) => `${name},sha256=${createHash('sha256').update(text).digest('base64url')},${text.length}\r\n`)
    .join('');
}

/** What the installer looks for in TensorFlow's wheel, a thousand times smaller. */
export const tinyTensorFlow: Record<string, string> = {
  'tensorflow/libtensorflow_cc.so.2': 'c'.repeat(2 ** 20),
  'tensorflow/libtensorflow_framework.so.2': 'framework'.repeat(1000),
  'tensorflow/include/tensorflow/c/c_api.h': '// header\n',
  'tensorflow/python/not-wanted.py': 'print()\n',
};
