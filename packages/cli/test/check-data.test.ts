import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../src/program.ts';

let folder: string;
let printed: string[];
let complaints: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-data-'));
  [printed, complaints] = [[], []];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text).trimEnd()) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => complaints.push(String(text).trimEnd()) > 0);
});
afterEach(() => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function write(files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

const nusWide = {
  'Concepts81.txt': 'map\nsky\n',
  'NUS_WID_Tags/TagList1k.txt': 'nature\nsky\n',
  'NUS_WID_Tags/AllTags1k.txt': '1\t1\t\n0\t1\t\n',
  'ImageList/Imagelist.txt': 'a\\1_1.jpg\na\\2_2.jpg\n',
  'ImageList/TrainImagelist.txt': 'a\\1_1.jpg\n',
  'ImageList/TestImagelist.txt': 'a\\2_2.jpg\n',
  'AllLabels/Labels_map.txt': '1\n0\n',
  'AllLabels/Labels_sky.txt': '0\n1\n',
  'Flickr/a/1_1.jpg': '',
};

test('lists missing files, labels of each concept among them', async () => {
  const { 'AllLabels/Labels_map.txt': _map, 'NUS_WID_Tags/AllTags1k.txt': _tags, ...rest } = nusWide;
  write(rest);
  expect(await main(['data', 'check', 'nus-wide', folder])).toBe(1);
  expect(printed[0]).toBe('missing files: 2\n  NUS_WID_Tags/AllTags1k.txt\n  AllLabels/Labels_map.txt');
});

test('compares a set of another size with the published one and names a missing picture', async () => {
  write(nusWide);
  expect(await main(['data', 'check', 'nus-wide', folder])).toBe(1);
  expect(printed[0]).toMatch(/^wrong {2}training images +1, expected 161789$/m);
  expect(printed[0]).toMatch(/^ok {5}order of the unseen classes +alphabetical$/m);
  expect(printed[0]).toMatch(/^missing files: 1\n {2}Flickr\/a\/2_2.jpg$/m);
});

test('prints the findings as JSON', async () => {
  write(nusWide);
  expect(await main(['data', 'check', 'nus-wide', folder, '--json'])).toBe(1);
  const findings = JSON.parse(printed[0]);
  expect(findings).toMatchObject({ set: 'nus-wide', complete: false, missing: ['Flickr/a/2_2.jpg'] });
  expect(findings.facts).toContainEqual({ what: 'seen classes', found: 1, expected: '925', holds: false });
  expect(findings.recallOverPrecision['ZSL@3']).toBe(3);
});

test('names file and line of a broken row', async () => {
  write({ ...nusWide, 'NUS_WID_Tags/AllTags1k.txt': '1\t1\t\n0\t\n' });
  expect(await main(['data', 'check', 'nus-wide', folder])).toBe(1);
  expect(complaints[0]).toMatch(/AllTags1k.txt, line 2, should be 2 times 0 or 1, .*got 1$/);
  expect(printed).toEqual([]);
});

test('checks Open Images by its classes and test labels', async () => {
  write({
    'classes-trainable.txt': '/m/a\n',
    'unseen_labels.txt': '/m/x\n',
    'top_400_unseen.csv': '\uFEFF0\n',
    'class-descriptions.csv': '/m/a,Ant\n/m/x,Axe\n',
  });
  expect(await main(['data', 'check', 'open-images', folder])).toBe(1);
  expect(printed[0]).toBe('missing files: 1\n  test-annotations-human-imagelabels.csv');
  const rows = 'ImageID,Source,LabelName,Confidence\r\n01,v,/m/a,1\r\n01,v,/m/x,1\r\n';
  write({ 'test-annotations-human-imagelabels.csv': rows });
  expect(await main(['data', 'check', 'open-images', folder])).toBe(1);
  expect(printed[1]).toMatch(/^wrong {2}seen classes +1, expected 7186$/m);
  expect(printed[1]).toMatch(/^wrong {2}recall over precision, GZSL@10 +5, expected 1.151 to 1.153$/m);
});

test.each([
  ['another set', ['nus', '.']],
  ['no folder', ['nus-wide', '/no/such/folder']],
])('%s is a wrong call', async (_name, args) => {
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  expect(await main(['data', 'check', ...args])).toBe(2);
});
