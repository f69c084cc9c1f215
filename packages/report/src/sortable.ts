import { Markup } from './markup.ts';
import { htmlTable } from './page.ts';

/**
 * A table of figures that readers can sort by any column, with the mouse or the keyboard. The page needs {@link
 * sortScript}; without scripts, and on paper, it is a plain table. Cells are sorted by `data-sort`, else by the number
 * at their beginning, else as text.
 */
export function sortableTable(head: readonly string[], rows: readonly Markup[]): Markup {
  return htmlTable(head, rows, 'result sortable');
}

/**
 * The script that makes the tables of a page sortable. Put it once into the page, after the tables. It loads nothing.
 */
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
