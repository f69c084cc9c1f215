export { Markup, markup } from './markup.ts';
export { htmlPage, htmlRow, htmlTable } from './page.ts';
export { axis, type Chart, faint, ink, renderSvg } from './svg.ts';
