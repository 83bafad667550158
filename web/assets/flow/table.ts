// The picture as a table, for those who do not see it: the same bars with the
// same amounts, at the same moment. It is filled when it is open.

import { Board, amount, size, there } from './board';
import { View } from './view';
import { make } from './parts';

const heads = ['Hop', 'Account', 'Lost', 'Came', 'Left', 'Came home', 'There', 'Held', 'Seized', 'Restored'];

export class Twin {
  readonly element = make('details', { class: 'flow-twin' });
  private readonly body = make('tbody');
  private readonly caption = make('caption');
  private shown?: () => void;

  constructor(private readonly select: (key: string) => void) {
    const row = make('tr', {}, ...heads.map(h => make('th', { scope: 'col' }, h)));
    const table = make('table', {}, this.caption, make('thead', {}, row), this.body);
    this.element.append(make('summary', {}, 'The same as a table'), make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'The flow as a table' }, table));
    this.element.addEventListener('toggle', () => this.shown?.());
  }

  // show fills the table, at once or when it is opened.
  show(board: Board, view: View, moment: string, strangers: { name: string; there: bigint }[]): void {
    this.shown = () => {
      if (!this.element.open) return;
      this.caption.textContent = 'Where the money went, in ' + board.asset + ', ' + moment
        + (board.rule === 'pro-rata' || board.rule === 'libr' ? '. This rule knows fractions: a sum is rounded here once, and the ledger, which rounds every place of a victim, can differ in the last digit' : '');
      this.body.replaceChildren(...view.marks.filter(m => size(m.stock) > 0n).map(m => this.row(board, m)), ...strangers.map(s => stranger(board, s.name, s.there)));
    };
    this.shown();
  }

  private row(board: Board, m: View['marks'][number]): HTMLElement {
    const s = m.stock;
    const name = make('th', { scope: 'row' });
    if (m.fold) name.append(m.name);
    else {
      const b = make('button', { type: 'button', class: 'link' }, board.hidden ? m.name : m.key);
      b.addEventListener('click', () => this.select(m.key));
      name.append(b);
    }
    const numbers = [s.new, s.in, s.out, s.returned, there(s), s.held, s.seized, s.restored].map(n => make('td', { class: 'number' }, n === 0n ? '' : amount(board, n)));
    return make('tr', {}, make('td', {}, String(board.columns[m.column].hop)), name, ...numbers);
  }
}

// stranger is the row of an account that has no bar: it was known then.
function stranger(board: Board, name: string, there: bigint): HTMLElement {
  const cells = ['', '', '', '', amount(board, there), '', '', ''].map(text => make('td', { class: 'number' }, text));
  return make('tr', {}, make('td', {}, '–'), make('th', { scope: 'row' }, name), ...cells);
}
