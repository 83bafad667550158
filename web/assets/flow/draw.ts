// Drawing on a canvas. Colours are read from the style sheet, so that a theme
// is chosen in one place. Text keeps its size however far one zooms in, and a
// label that would touch another is left out.

import { Board, amount, size } from './board';
import { Mark, Ribbon, View } from './view';

// Sight is where on the board one looks: pixels = place × k + offset.
export interface Sight { k: number; x: number; y: number }

export interface Palette {
  kinds: string[]; paper: string; ink: string; quiet: string; line: string; ghost: string;
  held: string; seized: string; restored: string; focus: string; font: string;
}

// Scene is all that a drawing depends on.
export interface Scene {
  board: Board; view: View; sight: Sight; palette: Palette;
  width: number; height: number; // of the canvas, in CSS pixels
  selecting: boolean;            // something is lit, the rest is not
  cursor: number; hover: number; chosen: number; ribbon: number; // marks and a ribbon; -1: none
  foot?: string[];               // written below, in an exported picture
}

export function palette(element: HTMLElement, classes: string[]): Palette {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue('--flow-' + name).trim() || '#888';
  const colour = (name: string): string => resolved(element, of(name));
  return {
    kinds: classes.map(colour), paper: colour('paper'), ink: colour('ink'), quiet: colour('quiet'), line: colour('line'), ghost: colour('ghost'),
    held: colour('held'), seized: colour('seized'), restored: colour('restored'), focus: colour('focus'), font: style.fontFamily,
  };
}

// resolved lets the browser decide what light-dark() means here.
function resolved(element: HTMLElement, value: string): string {
  const probe = document.createElement('span');
  probe.style.color = value;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

export function draw(c: CanvasRenderingContext2D, s: Scene): void {
  c.clearRect(0, 0, s.width, s.height);
  c.fillStyle = s.palette.paper;
  c.fillRect(0, 0, s.width, s.height);
  const rooms = columnsOf(s);
  rule(c, s);
  c.save();
  c.beginPath();
  c.rect(0, headHeight, s.width, s.height - headHeight);
  c.clip();
  ribbons(c, s);
  bars(c, s);
  labels(c, s, rooms);
  c.restore();
  heads(c, s);
  foot(c, s);
}

export const headHeight = 46;

const sx = (s: Scene, x: number): number => x * s.sight.k + s.sight.x;
const sy = (s: Scene, y: number): number => y * s.sight.k + s.sight.y;

// pixels is how much of the board an amount takes up.
export const pixels = (b: Board, fine: bigint): number => Math.max(Number(fine) * b.scale, 0);

// columnsOf is how much room for text each column has, in pixels.
const columnsOf = (s: Scene): number => (s.board.column - s.board.bar) * s.sight.k - 14;

function rule(c: CanvasRenderingContext2D, s: Scene): void {
  c.strokeStyle = s.palette.line;
  c.lineWidth = 1;
  c.beginPath();
  for (const column of s.board.columns) {
    const x = Math.round(sx(s, column.x + s.board.bar / 2)) + 0.5;
    c.moveTo(x, headHeight);
    c.lineTo(x, s.height);
  }
  c.stroke();
}

function heads(c: CanvasRenderingContext2D, s: Scene): void {
  c.fillStyle = s.palette.paper;
  c.fillRect(0, 0, s.width, headHeight);
  const room = s.board.column * s.sight.k - 10;
  s.board.columns.forEach((column, i) => {
    const x = sx(s, column.x);
    const title = (column.hop === 0 ? 'Victims' : 'Hop ' + column.hop) + ' · ' + (s.view.counts[i] ?? column.count);
    write(c, s, x, 19, title, room, '600 13px ', s.palette.ink);
    write(c, s, x, 36, amount(s.board, s.view.heads[i] ?? 0n) + ' ' + s.board.asset, room, '12px ', s.palette.quiet);
  });
}

function write(c: CanvasRenderingContext2D, s: Scene, x: number, y: number, text: string, room: number, font: string, colour: string): void {
  c.font = font + s.palette.font;
  c.fillStyle = colour;
  c.fillText(fit(c, text, room), x, y);
}

// fit shortens a text in its middle until it is no wider than asked.
function fit(c: CanvasRenderingContext2D, text: string, room: number): string {
  if (c.measureText(text).width <= room) return text;
  const letters = [...text];
  let low = 1, high = letters.length - 1;
  const short = (keep: number): string => {
    const tail = keep >> 1;
    return letters.slice(0, keep - tail).join('') + '…' + (tail ? letters.slice(-tail).join('') : '');
  };
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (c.measureText(short(middle)).width <= room) low = middle; else high = middle - 1;
  }
  return short(low);
}

// many is from how many ribbons on those of a colour are filled together:
// it is faster, and among so many nobody sees which lies above which.
const many = 500;

function ribbons(c: CanvasRenderingContext2D, s: Scene): void {
  const { view, palette: p } = s;
  const each = view.ribbons.length < many;
  p.kinds.forEach((colour, kind) => {
    const wide = new Path2D(), thin = new Path2D();
    c.fillStyle = c.strokeStyle = colour;
    c.lineWidth = 0.6;
    for (const r of view.ribbons) {
      if (view.marks[r.from].kind !== kind || r.sum <= 0n) continue;
      const width = pixels(s.board, r.sum);
      if (width * s.sight.k < 0.8) { trace(thin, s, r, 0); continue; }
      if (!each) { trace(wide, s, r, width); continue; }
      const one = new Path2D();
      trace(one, s, r, width);
      c.globalAlpha = s.selecting ? 0.1 : 0.4;
      c.fill(one);
    }
    c.globalAlpha = s.selecting ? 0.1 : 0.4;
    if (!each) c.fill(wide);
    c.stroke(thin);
  });
  if (s.selecting) for (const r of view.ribbons) if (r.lit > 0n) glow(c, s, r, r.lit, 0.75);
  const r = view.ribbons[s.ribbon];
  if (r) glow(c, s, r, r.sum, 0.55);
  c.globalAlpha = 1;
}

function glow(c: CanvasRenderingContext2D, s: Scene, r: Ribbon, amount: bigint, alpha: number): void {
  const path = new Path2D();
  trace(path, s, r, Math.max(pixels(s.board, amount), 0.9 / s.sight.k));
  c.globalAlpha = alpha;
  c.fillStyle = s.palette.kinds[s.view.marks[r.from].kind];
  c.fill(path);
}

// trace adds a ribbon to a path: its upper edge there, its lower edge back; of
// no width, its middle line.
function trace(path: Path2D, s: Scene, r: Ribbon, width: number): void {
  const k = s.sight.k, w = width * k, bar = s.board.bar;
  const x1 = sx(s, s.view.marks[r.from].x + bar), y1 = sy(s, r.fromY);
  let x2 = sx(s, s.view.marks[r.to].x);
  const y2 = sy(s, r.toY);
  path.moveTo(x1, y1);
  if (!r.backwards) {
    const middle = (x1 + x2) / 2, run = x2 - x1;
    const lean = Math.sign(y2 - y1) * Math.min(w * Math.abs(y2 - y1) / (2 * Math.max(run, 1)), run / 2) * 0.7;
    path.bezierCurveTo(middle + lean, y1, middle + lean, y2, x2, y2);
    if (w === 0) return;
    path.lineTo(x2, y2 + w);
    path.bezierCurveTo(middle - lean, y2 + w, middle - lean, y1 + w, x1, y1 + w);
    path.closePath();
    return;
  }
  x2 += bar * k;
  const bow = reach(y2 - y1, x1 - x2, s.board.column * k);
  const outer = y1 > y2 ? bow : bow + w, inner = y1 > y2 ? bow + w : bow;
  path.bezierCurveTo(x1 + outer, y1, x2 + outer, y2 + w, x2, y2 + w);
  if (w === 0) return;
  path.lineTo(x2, y2);
  path.bezierCurveTo(x2 + inner, y2, x1 + inner, y1 + w, x1, y1 + w);
  path.closePath();
}

// reach is how far a loop swings out to the right.
const reach = (rise: number, back: number, column: number): number => Math.min(34 + Math.abs(rise) * 0.25, column * 0.6) + back * 0.15;

function bars(c: CanvasRenderingContext2D, s: Scene): void {
  const { board: b, view, palette: p } = s;
  view.marks.forEach((m, i) => {
    const x = sx(s, m.x), y = sy(s, m.y), w = b.bar * s.sight.k;
    if (y > s.height || y + m.full * s.sight.k < headHeight - 2) return;
    const now = pixels(b, size(m.stock)) * s.sight.k;
    if (now < m.full * s.sight.k - 0.05) {
      c.fillStyle = p.ghost;
      c.fillRect(x, y, w, Math.max(m.full * s.sight.k, 1));
    }
    c.globalAlpha = s.selecting ? 0.22 : 1;
    if (now > 0) segments(c, s, m, x, y, w);
    c.globalAlpha = 1;
    if (s.selecting && m.lit > 0n) { // of the bar, what passes the selected one
      c.fillStyle = p.kinds[m.kind];
      c.fillRect(x, y, w, Math.max(pixels(b, m.lit) * s.sight.k, 1.5));
    }
    if (i === s.chosen || i === s.cursor || i === s.hover) frame(c, s, m, i);
  });
}

// segments draws a bar in the colours of what it holds; what is held, seized or
// restored lies at the bottom.
function segments(c: CanvasRenderingContext2D, s: Scene, m: Mark, x: number, y: number, w: number): void {
  const k = s.sight.k, p = s.palette, now = Math.max(pixels(s.board, size(m.stock)) * k, 1);
  if (m.fold) foldSegments(c, s, m, x, y, w);
  else { c.fillStyle = p.kinds[m.kind]; c.fillRect(x, y, w, now); }
  let bottom = y + now;
  for (const [worth, colour] of [[m.stock.held, p.held], [m.stock.seized, p.seized], [m.stock.restored, p.restored]] as [bigint, string][]) {
    if (worth <= 0n) continue;
    const h = Math.max(pixels(s.board, worth) * k, 1.5);
    bottom -= h;
    c.fillStyle = colour;
    c.fillRect(x - 3, bottom, w + 3, h);
  }
}

function foldSegments(c: CanvasRenderingContext2D, s: Scene, m: Mark, x: number, y: number, w: number): void {
  const share = new Map<number, number>();
  let all = 0;
  for (const n of m.nodes) {
    const kind = s.board.nodes[n][0], full = s.board.nodes[n][3];
    share.set(kind, (share.get(kind) ?? 0) + full);
    all += full;
  }
  const now = pixels(s.board, size(m.stock)) * s.sight.k;
  for (const [kind, part] of share) {
    const h = all > 0 ? now * part / all : 0;
    c.fillStyle = s.palette.kinds[kind];
    c.fillRect(x, y, w, Math.max(h, 0.5));
    y += h;
  }
}

function frame(c: CanvasRenderingContext2D, s: Scene, m: Mark, i: number): void {
  c.strokeStyle = i === s.chosen || i === s.cursor ? s.palette.focus : s.palette.quiet;
  c.lineWidth = i === s.chosen || i === s.cursor ? 2.5 : 1.5;
  c.strokeRect(sx(s, m.x) - 4, sy(s, m.y) - 3, s.board.bar * s.sight.k + 8, Math.max(m.full * s.sight.k, 1) + 6);
}

// labels writes as many labels as fit: those that are pointed at first, then
// the largest. Taken is what is written on, column by column.
function labels(c: CanvasRenderingContext2D, s: Scene, room: number): void {
  if (room < 28) return;
  const order = s.view.marks.map((_, i) => i).filter(i => size(s.view.marks[i].stock) > 0n && !(s.selecting && s.view.marks[i].lit <= 0n));
  const pointed = (i: number): number => i === s.cursor || i === s.hover || i === s.chosen ? 1 : 0;
  order.sort((a, b) => pointed(b) - pointed(a) || (s.view.marks[b].full - s.view.marks[a].full) || a - b);
  const taken: [number, number][][] = s.board.columns.map(() => []);
  c.lineJoin = 'round';
  for (const i of order) {
    const m = s.view.marks[i], middle = sy(s, m.y + m.full / 2);
    if (middle < headHeight - 10 || middle > s.height + 10) continue;
    const kept = m.stock.held > 0n || m.stock.seized > 0n || m.stock.restored > 0n;
    for (let lines = kept ? 3 : 2; lines > 0; lines--) {
      const half = lines * 7;
      if (taken[m.column].some(([top, bottom]) => middle - half < bottom && middle + half > top)) continue;
      taken[m.column].push([middle - half, middle + half]);
      label(c, s, m, lines > 1 ? linesOf(s, m).slice(0, lines) : [oneLine(c, s, m, room)], middle, room);
      break;
    }
  }
}

function linesOf(s: Scene, m: Mark): string[] {
  const kept = ([['held', m.stock.held], ['seized', m.stock.seized], ['restored', m.stock.restored]] as [string, bigint][])
    .filter(([, worth]) => worth > 0n).map(([word, worth]) => word + ' ' + amount(s.board, worth)).join(' · ');
  const shown = s.selecting ? m.lit : size(m.stock);
  return [m.name, amount(s.board, shown), ...kept ? [kept] : []];
}

// oneLine shortens the name and keeps the amount.
function oneLine(c: CanvasRenderingContext2D, s: Scene, m: Mark, room: number): string {
  const worth = '  ' + amount(s.board, s.selecting ? m.lit : size(m.stock));
  c.font = '11px ' + s.palette.font;
  return fit(c, m.name, Math.max(room - c.measureText(worth).width, 0)) + worth;
}

function label(c: CanvasRenderingContext2D, s: Scene, m: Mark, lines: string[], middle: number, room: number): void {
  const x = sx(s, m.x + s.board.bar) + 6;
  let y = middle - (lines.length - 1) * 7 + 4;
  lines.forEach((line, n) => {
    c.font = (n === 0 && lines.length > 1 ? '600 12px ' : '11px ') + s.palette.font;
    const text = fit(c, line, room);
    c.lineWidth = 3;
    c.strokeStyle = s.palette.paper;
    c.strokeText(text, x, y);
    c.fillStyle = n === 2 ? s.palette.held : s.palette.ink;
    c.fillText(text, x, y);
    y += 14;
  });
}

function foot(c: CanvasRenderingContext2D, s: Scene): void {
  if (!s.foot) return;
  c.fillStyle = s.palette.paper;
  c.fillRect(0, s.height - 16 * s.foot.length - 12, s.width, s.height);
  s.foot.forEach((line, i) => write(c, s, 16, s.height - 12 - 16 * (s.foot!.length - 1 - i), line, s.width - 32, '11px ', s.palette.quiet));
}

// hit finds the bar at a place of the canvas, with a margin for hands that
// shake; -1 if there is none.
export function hit(s: Scene, x: number, y: number): number {
  let best = -1, nearest = 9;
  s.view.marks.forEach((m, i) => {
    if (size(m.stock) <= 0n) return;
    const left = sx(s, m.x) - 6, right = sx(s, m.x + s.board.bar) + 8;
    const top = sy(s, m.y), bottom = top + Math.max(m.full * s.sight.k, 1);
    if (x < left || x > right) return;
    const far = y < top ? top - y : y > bottom ? y - bottom : 0;
    if (far < nearest) { nearest = far; best = i; }
  });
  return best;
}

// hitRibbon finds the thinnest ribbon at a place.
export function hitRibbon(c: CanvasRenderingContext2D, s: Scene, x: number, y: number): number {
  for (let i = s.view.ribbons.length - 1; i >= 0; i--) {
    const r = s.view.ribbons[i], width = pixels(s.board, r.sum);
    if (r.sum <= 0n || width * s.sight.k < 1.5) continue;
    const path = new Path2D();
    trace(path, s, r, width);
    if (c.isPointInPath(path, x * devicePixelRatio, y * devicePixelRatio)) return i;
  }
  return -1;
}
