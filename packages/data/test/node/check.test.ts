import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  type CheckedPicture,
  checkPictures,
  equalGroups,
  fileDataSet,
  labelFindings,
  nearGroups,
  pictureFindings,
  picturesOfDataSet,
  readTable,
} from '../../src/node/index.ts';
import { barsOf, folderWith, picture } from './own-files.ts';

const kinds = (findings: readonly { kind: string }[]): string[] => findings.map(({ kind }) => kind);

describe('a check', () => {
  it('finds what is broken, the same, alike, odd, turned, for printing and moving (trap 34)', async () => {
    const raw = { raw: { width: 96, height: 80, channels: 3 } } as const;
    const bars = barsOf(3, 96, 80);
    const jpeg = await sharp(bars, raw).jpeg({ quality: 95 }).toBuffer();
    const root = folderWith({
      'a.png': await sharp(bars, raw).png().toBuffer(),
      'b.jpg': await sharp(bars, raw).resize(60, 50).jpeg({ quality: 70 }).toBuffer(),
      'c.png': await picture(7),
      'd.webp': await sharp(await picture(7))
        .webp({ lossless: true })
        .toBuffer(),
      'e.png': await picture(9),
      'f.png': await picture(9),
      'cut.jpg': jpeg.subarray(0, jpeg.length / 2),
      'empty.png': '',
      'text.jpg': 'no picture',
      'long.png': await picture(11, { width: 400, height: 40 }),
      'turned.jpg': await sharp(barsOf(5, 96, 80), raw)
        .withMetadata({ orientation: 6 })
        .jpeg()
        .toBuffer(),
      'print.jpg': await sharp(barsOf(13, 96, 80), raw)
        .toColourspace('cmyk')
        .jpeg()
        .toBuffer(),
      'x.csv': [
        'path,labels,split',
        ...['a.png,p,train', 'b.jpg,p,test', 'c.png,p,train', 'd.webp,p,train', 'e.png,q,train', 'f.png,p,test'],
        ...['cut.jpg', 'empty.png', 'text.jpg', 'long.png', 'turned.jpg', 'print.jpg'].map((file) => `${file},,train`),
      ].join('\n'),
    });
    const set = fileDataSet(await readTable({ root, file: 'x.csv' }), { name: 'own' });
    const pictures = picturesOfDataSet(set);
    const facts = await checkPictures(pictures.map(({ path }) => path));
    const findings = pictureFindings(pictures, facts);
    const found = Object.fromEntries(
      findings.map(({ kind, level, pictures: places }) => [kind, [level, ...places.map((i) => pictures[i].key)]]),
    );
    expect(found).toEqual({
      broken: ['error', 'cut.jpg', 'empty.png', 'text.jpg'],
      leak: ['error', 'e.png', 'f.png'],
      contradiction: ['error', 'e.png', 'f.png'],
      'near-leak': ['warning', 'a.png', 'b.jpg'],
      duplicate: ['warning', 'c.png', 'd.webp'],
      'odd-size': ['warning', 'long.png'],
      rotated: ['note', 'turned.jpg'],
      cmyk: ['note', 'print.jpg'],
    });
    expect(findings[0].details).toEqual([
      expect.stringMatching(/^cut\.jpg \(train\): .*(premature|truncated|end)/),
      'empty.png (train): an empty file',
      expect.stringMatching(/^text\.jpg \(train\): .*unsupported/),
    ]);
    // Seen upright.
    expect(facts[pictures.findIndex(({ key }) => key === 'turned.jpg')]).toMatchObject({ height: 96, width: 80 });
    const labels = labelFindings(set);
    expect(kinds(labels)).toEqual(['few-positives', 'no-label']);
    expect(labels[1].pictures.map((i) => pictures[i].key)).toContain('cut.jpg');
  });

  it('goes on where it was ended, and looks again at what changed', async () => {
    const root = folderWith({ 'a.png': await picture(1), 'b.png': await picture(2), 'c.png': await picture(3) });
    const paths = ['a.png', 'b.png', 'c.png'].map((file) => join(root, file));
    const record = join(root, 'record.jsonl');
    const whole = await checkPictures(paths, { record });
    const lines = readFileSync(record, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    // Ended in the middle of the second line.
    const [first] = lines.filter((line) => line.includes('a.png'));
    writeFileSync(record, `${first}\n${lines[1].slice(0, 20)}`);
    expect(await checkPictures(paths, { record })).toEqual(whole);
    expect(readFileSync(record, 'utf8').trimEnd().split('\n')).toHaveLength(4);
    appendFileSync(paths[0], 'more');
    const [changed] = await checkPictures(paths, { record });
    expect(changed.bytes).toBe(whole[0].bytes + 4);
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(checkPictures(paths, { signal: stop.signal })).rejects.toThrow('enough');
  });

  it('names classes that may be one', async () => {
    const root = folderWith({
      'a.png': await picture(1),
      'b.png': await picture(2),
      'x.csv': 'path,labels\na.png,Hot dog;cat\nb.png,hot-dogs;dog\n',
    });
    const set = fileDataSet(await readTable({ root, file: 'x.csv' }), { name: 'own' });
    expect(labelFindings(set).find(({ kind }) => kind === 'similar-names')?.details).toEqual(['Hot dog = hot-dogs']);
  });

  it('says nothing of what is in order', () => {
    const checked: CheckedPicture[] = [{ key: 'a', file: 'a', path: '/a', split: null, labels: null }];
    const fact = {
      path: '/a',
      bytes: 9,
      changed: 1,
      broken: null,
      height: 64,
      width: 64,
      pixels: 'x',
      look: '0f'.repeat(8),
    };
    expect(pictureFindings(checked, [fact])).toEqual([]);
    expect(pictureFindings([], [])).toEqual([]);
  });
});

describe('groups', () => {
  it('are of equal values, or of hashes of few different bits', () => {
    expect(equalGroups(['a', undefined, 'b', 'a', undefined])).toEqual([[0, 3]]);
    const hashes = [
      '0000000000000000',
      '0000000000000007',
      '000000000000000f',
      undefined,
      '00000000000000ff',
      'ffffffffffffffff',
    ];
    // 0 and 7 differ in three bits, 7 and f in one: they are joined; ff is four from f.
    expect(nearGroups(hashes)).toEqual([[0, 1, 2]]);
    expect(nearGroups([])).toEqual([]);
  });

  it('of 100,000 hashes, half of them the same, take seconds', () => {
    const hashes = Array.from({ length: 100_000 }, (_, i) =>
      i % 2 === 0 ? '00ff00ff00ff00ff' : ((BigInt(i) * 0x9e3779b97f4a7c15n) % 2n ** 64n).toString(16).padStart(16, '0'),
    );
    const start = performance.now();
    const groups = nearGroups(hashes);
    expect(groups.find(([first]) => first === 0)).toHaveLength(50_000);
    expect(performance.now() - start).toBeLessThan(8000);
  });
});
