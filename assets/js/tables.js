/**
 * Narrow screens show the rows of some tables as blocks, and there some browsers forget that it is a table.
 * Said again as roles, it stays one for screen readers.
 */

const ROLES = {
  table: 'table',
  thead: 'rowgroup',
  tbody: 'rowgroup',
  tfoot: 'rowgroup',
  tr: 'row',
  td: 'cell',
};

for (const table of document.querySelectorAll('table')) {
  for (const part of [table, ...table.querySelectorAll('thead, tbody, tfoot, tr, td, th')]) {
    if (!part.hasAttribute('role')) {
      const ofHeading = part.getAttribute('scope') === 'row' ? 'rowheader' : 'columnheader';
      part.setAttribute('role', ROLES[part.localName] ?? ofHeading);
    }
  }
}
