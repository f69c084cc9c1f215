import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markup } from '../src/markup.ts';
import { axis, renderSvg } from '../src/svg.ts';

/** Text as it comes from a hostile file: made of what HTML, attributes and terminals read as their own. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        '`',
        '=',
        '/',
        '<script>',
        '</td>',
        '&lt;',
        '-->',
        '\u0000',
        '\u001b',
        '\n',
        '\u202e',
      ),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join(''));

test('inserted text adds no tag, no attribute and no entity, whatever it is', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const { html } = markup`<b title="${text}">${text}</b>`;
      const [, title, content] = /^<b title="([^"]*)">([^<]*)<\/b>$/.exec(html) ?? [];
      expect(title).toBeDefined();
      expect(content).toBe(title);
      expect(content).not.toMatch(/[<>"'`]|&(?!#\d+;)|\p{Cc}|\p{Bidi_Control}/u);
    }),
    { numRuns: 2000 },
  );
});

test('what is read back is the text, but for characters that cannot be shown', () => {
  const read = (html: string): string =>
    html.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  expect(read(markup`${'a <b> & "c" \'d\' `e`\n'}`.html)).toBe('a <b> & "c" \'d\' `e`\n');
  expect(read(markup`${'\u001b[2J\u202e'}`.html)).toBe('\ufffd[2J\ufffd');
});

test('markup goes in as it is, lists of it one after the other, numbers as they are written', () => {
  const items = ['<', '>'].map((text) => markup`<li>${text}</li>`);
  expect(markup`<ol start="${3}">${items}</ol>`.html).toBe('<ol start="3"><li>&#60;</li><li>&#62;</li></ol>');
});

test('names in a chart are text, whatever they are', () => {
  const names = ['<script>alert(1)</script>', '" onload="x', 'a\u001b[2J', '\u202egnirts', '{a|b}', '&lt;'];
  const option = {
    xAxis: axis({ type: 'category', data: names, axisLabel: { interval: 0, width: 96, overflow: 'truncate' } }),
    yAxis: axis({ type: 'value' }),
    series: [{ type: 'bar', data: names.map((_, i) => i + 1) }],
  };
  const { html } = renderSvg({ option, width: 900, height: 200 }, names.join());
  expect(html).not.toMatch(/<script|"\s*onload=|[^\P{Cc}\n]|\p{Bidi_Control}/u);
  expect(html).toContain('&lt;script&gt;');
});
