// What of a board is drawn: a bar for every account, or for those that are
// folded into one, and a ribbon for all that one bar passes to another. Folding
// moves nothing: all places come from the server.

import { Board, Stock, Sums, nothing, plus, size } from './board';

export interface Mark {
  column: number; row: number; nodes: number[]; fold: boolean;
  name: string; key: string; kind: number;
  x: number; y: number; full: number; // when all has happened
  stock: Stock; lit: bigint;           // at the moment
}

export interface Ribbon {
  from: number; to: number; // marks
  edges: number[];
  fromY: number; toY: number; full: number; backwards: boolean; movements: number;
  sum: bigint; lit: bigint; // at the moment
}

export class View {
  marks: Mark[] = [];
  ribbons: Ribbon[] = [];
  heads: bigint[] = [];
  counts: number[] = []; // of accounts that were reached; of the first column, of victims who had lost

  constructor(readonly board: Board, readonly open: Set<number>) {
    const of: number[] = [];
    board.columns.forEach((column, c) => column.rows.forEach(r => this.row(of, c, r)));
    this.join(of);
  }

  private row(of: number[], column: number, row: number): void {
    const b = this.board, c = b.columns[column], [, y, height] = b.rows[row];
    const nodes = this.nodesOf(row);
    const folded = row === c.fold && !this.open.has(c.hop);
    for (const group of folded ? [nodes] : nodes.map(n => [n])) {
      const first = group[0];
      for (const n of group) of[n] = this.marks.length;
      this.marks.push({
        column, row, nodes: group, fold: folded, kind: b.nodes[first][0],
        name: folded ? '' : b.names[first] || b.keys[first],
        key: folded ? '' : b.keys[first],
        x: c.x, y: folded ? y : b.nodes[first][2], full: folded ? height : b.nodes[first][3], stock: nothing(), lit: 0n,
      });
    }
  }

  private byRow?: number[][];

  // nodesOf lists the nodes of a row from top to bottom.
  private nodesOf(row: number): number[] {
    if (!this.byRow) {
      this.byRow = this.board.rows.map(() => []);
      this.board.nodes.forEach((n, i) => this.byRow![n[1]].push(i));
      for (const list of this.byRow) list.sort((a, b) => this.board.nodes[a][2] - this.board.nodes[b][2] || a - b);
    }
    return this.byRow[row];
  }

  // join makes one ribbon of all edges between the same two bars. Their ends
  // lie side by side.
  private join(of: number[]): void {
    const found = new Map<number, Ribbon>();
    this.board.edges.forEach(([from, to, width, fromOuter, fromInner, toOuter, toInner, movements], i) => {
      const a = of[from], b = of[to];
      if (a === b) return; // within a fold
      const fromY = this.marks[a].fold ? fromOuter : fromInner, toY = this.marks[b].fold ? toOuter : toInner;
      const key = a * 65536 + b;
      let r = found.get(key);
      if (!r) {
        r = { from: a, to: b, edges: [], fromY, toY, full: 0, backwards: this.marks[b].column <= this.marks[a].column, movements: 0, sum: 0n, lit: 0n };
        found.set(key, r);
        this.ribbons.push(r);
      }
      r.edges.push(i);
      r.fromY = Math.min(r.fromY, fromY);
      r.toY = Math.min(r.toY, toY);
      r.full += width;
      r.movements += movements;
    });
    this.ribbons.sort((a, b) => b.full - a.full);
  }

  // fill puts the amounts of a moment onto bars and ribbons.
  fill(sums: Sums, lit?: Sums): void {
    this.heads = this.board.columns.map(() => 0n);
    this.counts = this.board.columns.map(() => 0);
    const victims = new Set<string>();
    for (const m of this.marks) {
      const first = this.board.columns[m.column].hop === 0;
      let reached = 0;
      m.stock = nothing();
      m.lit = 0n;
      for (const n of m.nodes) {
        if (size(sums.nodes[n]) > 0n) reached++;
        if (first && sums.nodes[n].new > 0n) for (const v of this.board.victims[n].split(', ')) victims.add(v);
        plus(m.stock, sums.nodes[n]);
        if (lit) m.lit += size(lit.nodes[n]);
      }
      if (m.fold) m.name = reached + ' more ' + (first ? 'victims' : 'accounts');
      this.counts[m.column] = first ? victims.size : this.counts[m.column] + reached;
      this.heads[m.column] += first ? m.stock.new : size(m.stock);
    }
    for (const r of this.ribbons) {
      r.sum = r.lit = 0n;
      for (const e of r.edges) {
        r.sum += sums.edges[e];
        if (lit) r.lit += lit.edges[e];
      }
    }
  }

  // find is the bar that a node is part of.
  find(key: string): number {
    const node = this.board.keys.indexOf(key);
    return this.marks.findIndex(m => m.nodes.includes(node));
  }
}
