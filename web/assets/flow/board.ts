// The board is what the server sends: every place, and every step with its
// exact amounts (picture/board.go). Here it is given names, and added up to a
// moment. Nothing is traced here.

export interface Column { hop: number; x: number; count: number; rows: number[]; fold: number }

type Amount = number | string; // a whole number; text where a number could not bear it

export interface Steps {
  at: number[]; edge: number[]; from: number[]; to: number[];
  worth: Amount[]; new: Amount[]; returned: Amount[]; state: number[];
}

export interface Board {
  case: string; rule: string; chosen: boolean; position: number; head: string; known_at: string;
  asset: string; digits: number; others: string[]; finer: number; hidden: boolean;
  scale: number; width: number; height: number; top: number; body: number; bar: number; column: number;
  classes: string[]; columns: Column[];
  rows: [column: number, y: number, height: number][];
  keys: string[]; names: string[]; victims: string[];
  nodes: [kind: number, row: number, y: number, height: number][];
  edges: [from: number, to: number, width: number, fromOuter: number, fromInner: number, toOuter: number, toInner: number, movements: number][];
  steps: Steps;
  known: [at: number, events: number][];
}

// Stock is what has happened at an account, in thousandths of the smallest
// unit of the lost asset.
export interface Stock { in: bigint; new: bigint; out: bigint; returned: bigint; held: bigint; seized: bigint; restored: bigint }

export const nothing = (): Stock => ({ in: 0n, new: 0n, out: 0n, returned: 0n, held: 0n, seized: 0n, restored: 0n });

export const size = (s: Stock): bigint => s.in + s.new;

export const there = (s: Stock): bigint => s.in + s.new - s.out - s.returned;

export function plus(a: Stock, b: Stock): void {
  a.in += b.in; a.new += b.new; a.out += b.out; a.returned += b.returned;
  a.held += b.held; a.seized += b.seized; a.restored += b.restored;
}

// A step's edge where it has none: money that stays within an account, or whose
// way has no ribbon on this board.
const within = -1, unplaced = -2;

const states = ['', 'held', 'seized', 'restored'] as const;

// Sums are a board added up to a moment. They go on from where they are, or
// back, step by step: whole numbers forget nothing.
export class Sums {
  readonly nodes: Stock[];
  readonly edges: bigint[];
  private taken = 0; // so many steps have been added
  private readonly worth: bigint[];
  private readonly fresh: bigint[];
  private readonly back: bigint[];

  constructor(board: Board, readonly steps: Steps, worth?: Amount[], fresh?: Amount[]) {
    this.nodes = board.keys.map(nothing);
    this.edges = board.edges.map(() => 0n);
    this.worth = (worth ?? steps.worth).map(BigInt);
    this.fresh = (fresh ?? steps.new).map(BigInt);
    this.back = steps.returned.map(BigInt);
  }

  // to adds up what had happened by a moment, inclusive.
  to(at: number): void {
    const goal = after(this.steps.at, at);
    while (this.taken < goal) this.add(this.taken++, 1n);
    while (this.taken > goal) this.add(--this.taken, -1n);
  }

  private add(i: number, sign: bigint): void {
    const s = this.steps, worth = sign * this.worth[i];
    const from = this.nodes[s.from[i]], to = this.nodes[s.to[i]];
    const state = states[s.state[i]];
    if (state) { if (to) to[state] += worth; return; }
    if (from) from.new += sign * this.fresh[i];
    if (to) to.returned += sign * this.back[i];
    if (s.edge[i] === within) return;
    if (s.edge[i] >= 0) this.edges[s.edge[i]] += worth;
    if (from) from.out += worth;
    if (to) to.in += worth;
  }
}

// after is how many of some sorted numbers are not above one.
export function after(sorted: number[], most: number): number {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= most) low = middle + 1; else high = middle;
  }
  return low;
}

// amount writes thousandths with the asset's digits, rounded to the nearest
// unit, halves to even, as clew shows them; digits before the point stand in
// threes.
export function amount(board: Board, fine: bigint): string {
  const finer = BigInt(board.finer), sign = fine < 0n ? -1n : 1n;
  let whole = sign * fine / finer;
  const rest = sign * fine % finer;
  if (rest * 2n > finer || rest * 2n === finer && whole % 2n === 1n) whole += 1n;
  const digits = whole.toString().padStart(board.digits + 1, '0');
  const before = digits.slice(0, digits.length - board.digits).replace(/\B(?=(\d{3})+$)/g, '\u202f');
  const text = board.digits > 0 ? before + '.' + digits.slice(-board.digits) : before;
  return (sign < 0n && whole > 0n ? '-' : '') + text;
}

// Remapped are the steps of a board on the places of another.
export interface Remapped {
  steps: Steps;
  lost: number; // movements between bars that no ribbon joins here
  strangers(at: number): { name: string; there: bigint }[]; // accounts that have no bar here, and what lay there at a moment
}

// remap brings the steps of another board, of the same case as it was known at
// another time, onto the places of this one. What has no ribbon here is counted:
// it was known then and has been corrected or withdrawn since. Bars count it.
export function remap(onto: Board, other: Board): Remapped {
  const node = new Map(onto.keys.map((key, i) => [key, i]));
  const edge = new Map(onto.edges.map((e, i) => [e[0] + ' ' + e[1], i]));
  const nodes = other.keys.map(key => node.get(key) ?? -1);
  const edges = other.edges.map(e => edge.get(nodes[e[0]] + ' ' + nodes[e[1]]) ?? unplaced);
  const s = other.steps;
  const steps: Steps = { ...s, from: s.from.map(n => n < 0 ? n : nodes[n]), to: s.to.map(n => nodes[n]), edge: s.edge.map(e => e < 0 ? e : edges[e]) };
  const strangers = (at: number): { name: string; there: bigint }[] => {
    const sums = new Sums(other, s);
    sums.to(at);
    return other.keys.map((key, i) => ({ i, name: other.hidden && other.names[i] || key, there: there(sums.nodes[i]) })).filter(o => nodes[o.i] < 0 && o.there !== 0n);
  };
  return { steps, lost: steps.edge.filter(e => e === unplaced).length, strangers };
}
