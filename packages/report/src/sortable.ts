import { Markup } from './markup.ts';
import { htmlTable } from './page.ts';

/**
 * A table of figures that a reader may sort by any column, with the mouse or the keyboard. Without scripts, as on paper, it
 * is a table as it is. A cell sorts by its `data-sort`, else by the number that it begins with, else as text.
 */
export function sortableTable(head: readonly string[], rows: readonly Markup[]): Markup {
  return htmlTable(head, rows, 'result sortable');
}

/** What makes the tables of a page sortable; once, behind them. It asks for nothing outside of the page. */
export const sortScript: Markup = new Markup(`<script>
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.sort ?? cell.textContent.trim().replace('\\u2212', '-');
    const number = Number.parseFloat(text);
    return Number.isNaN(number) ? text : number;
  };
  heads.forEach((head, column) => {
    const button = document.createElement('button');
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') !== 'descending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const rows = [...table.tBodies[0].rows].sort((a, b) => {
        const [x, y] = [key(a, column), key(b, column)];
        const order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y));
        return down ? -order : order;
      });
      table.tBodies[0].append(...rows);
    });
  });
}
</script>`);
