export { Markup, markup } from './markup.ts';
export { htmlPage, htmlRow, htmlTable } from './page.ts';
export { sortableTable, sortScript } from './sortable.ts';
export { axis, type Chart, faint, ink, renderSvg } from './svg.ts';
