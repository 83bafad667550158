// The flow picture in a page. The page brings a section with the picture as
// SVG and, in data-board, the address of its board; here a canvas takes its
// place that can be explored, folded and replayed. The address of the page is
// the state: at, known_at, account and unfold (the unfolded hops).

import { Board, Remapped, Steps, Sums, amount, remap, there } from './board';
import { View } from './view';
import { Palette, Scene, Sight, draw, headHeight, hit, hitRibbon, palette } from './draw';
import { Axis, Replay, instant } from './replay';
import { Twin } from './table';
import { button, make } from './parts';

interface Pass { worth: (number | string)[]; new: (number | string)[]; exact: boolean; turned: boolean }

// Recorded is told by the page's own script for each event of the log.
declare global { interface DocumentEventMap { 'clew-recorded': CustomEvent<{ position: number; kind: string }> } }

const keys: [string, string][] = [
  ['← → ↑ ↓', 'go from bar to bar'], ['Enter', 'unfold, or select the account and light its money'], ['Escape', 'let go of it'],
  ['o', 'open the page of the account'], ['u', 'unfold or fold the column'], ['+ − 0', 'nearer, farther, all of it'], ['Shift + arrows', 'move the picture'],
  ['p', 'play or pause'], [', .', 'one event back, on'], ['Home End', 'the beginning, all there is'], ['a', 'the other time axis'], ['t', 'the table'], ['?', 'these keys'],
];

class Flow {
  private view: View;
  private sums: Sums;
  private lit?: Sums;
  private passing?: Pass;
  private steps: Steps;
  private open: Set<number>;
  private at: number | null = null;
  private knownAt: number | null = null;
  private chosen = '';
  private cursor = -1;
  private hover = -1;
  private ribbon = -1;
  private sight: Sight = { k: 1, x: 0, y: 0 };
  private fitted = true;
  private colours!: Palette;
  private due = 0;

  private readonly stage = make('div', { class: 'flow-stage', tabindex: '0', role: 'application', 'aria-roledescription': 'flow picture' });
  private readonly canvas = make('canvas');
  private readonly c: CanvasRenderingContext2D;
  private readonly inspector = make('div', { class: 'flow-inspector' });
  private readonly news = make('p', { class: 'hush', role: 'status' });
  private readonly notes = make('p', { class: 'flow-notes' });
  private readonly links = make('div', { class: 'flow-exports' });
  private readonly replay: Replay;
  private readonly twin = new Twin(key => this.choose(key));
  private readonly help: HTMLDialogElement;
  private readonly life = new AbortController();
  private readonly since = { movements: 0, others: 0 }; // recorded since it was drawn

  // before is the picture that this one takes the place of, with more in it:
  // what was looked at stays looked at.
  constructor(private readonly section: HTMLElement, private readonly board: Board, before?: Flow) {
    const asked = new URLSearchParams(before ? before.query() : location.search);
    this.open = new Set((asked.get('unfold') ?? '').split(',').filter(Boolean).map(Number));
    this.steps = board.steps;
    this.sums = new Sums(board, this.steps);
    this.view = new View(board, this.open);
    this.replay = new Replay(board, (axis, at) => this.move(axis, at), () => void this.renew());
    this.c = this.canvas.getContext('2d')!;
    this.help = this.keyList();
    this.build();
    this.listen();
    this.repaint();
    if (before) this.follow(before);
    else this.at = section.dataset.at ? Number(section.dataset.at) : null;
    this.replay.show(this.at);
    this.refresh();
    const known = before ? before.knownAt : section.dataset.known ? Number(section.dataset.known) : null;
    if (known !== null) {
      this.replay.turn('known_at', false);
      void this.known(known);
    }
    if (asked.get('account')) this.choose(asked.get('account')!);
    else this.inspect();
  }

  // Building and painting.

  private build(): void {
    this.stage.setAttribute('aria-label', 'Where the money of case ' + this.board.case + ' went. Arrow keys go from bar to bar; ? lists the keys. The same stands in a table below.');
    const tools = make('div', { class: 'flow-tools' },
      button('+', 'Nearer (+)', () => this.zoom(1.4)), button('−', 'Farther (−)', () => this.zoom(1 / 1.4)), button('All of it', 'All of it (0)', () => this.fit()),
      button('Unfold all', 'Draw every account by itself', () => this.unfoldAll()), button('Fold all', 'Fold the small ones', () => this.setOpen(new Set())),
      button('Keys', 'Which keys there are (?)', () => this.help.showModal()));
    this.stage.append(this.canvas);
    const side = make('div', { class: 'flow-side' }, this.inspector, this.links);
    this.section.replaceChildren(tools, make('div', { class: 'flow-body' }, this.stage, side), this.replay.element, this.notes, this.news, this.twin.element, this.help);
    this.section.classList.add('flow-live');
    document.querySelector('section.replay')?.setAttribute('hidden', ''); // the same without a script
    this.exports();
  }

  private keyList(): HTMLDialogElement {
    const list = make('dl');
    for (const [key, does] of keys) list.append(make('dt', {}, make('kbd', {}, key)), make('dd', {}, does));
    const close = button('Close', 'Close', () => this.help.close());
    return make('dialog', { class: 'flow-keys', 'aria-label': 'Keys of the flow picture' }, make('h3', {}, 'Keys'), list, close);
  }

  // exports are the downloads of what is shown now.
  private exports(): void {
    const of = (format: string): HTMLAnchorElement => make('a', { class: 'button', href: this.section.dataset.export + format + '?' + this.query(), download: '' }, format.toUpperCase());
    const png = button('PNG', 'What is shown, as PNG', () => this.png());
    this.links.replaceChildren(make('span', { class: 'quiet' }, 'Export '), png, ...this.board.hidden ? [] : ['svg', 'csv', 'graphml', 'json'].map(of));
  }

  // repaint reads the theme and the size again.
  private repaint(): void {
    this.colours = palette(this.section, this.board.classes);
    const wide = this.stage.clientWidth, b = this.board;
    this.stage.style.height = Math.round(Math.min(Math.max(headHeight + (b.body + 24) * wide / b.width, 320), Math.max(innerHeight * 0.8, 480))) + 'px';
    const box = this.stage.getBoundingClientRect(), ratio = devicePixelRatio;
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    if (this.fitted) this.fit(false);
    this.refresh();
  }

  private refresh(): void {
    this.sums.to(this.at ?? Infinity);
    this.lit?.to(this.at ?? Infinity);
    this.view.fill(this.sums, this.lit);
    this.twin.show(this.board, this.view, this.moment(), this.remapped?.strangers(this.at ?? Infinity) ?? []);
    this.paint();
  }

  // paint draws once for all that changed since the last frame.
  private paint(): void {
    if (this.due) return;
    this.due = requestAnimationFrame(() => {
      this.due = 0;
      const ratio = devicePixelRatio;
      this.c.setTransform(ratio, 0, 0, ratio, 0, 0);
      draw(this.c, this.scene());
      this.replay.paint(this.colours.kinds[1], this.colours.line, this.colours.held);
    });
  }

  private scene(): Scene {
    return { board: this.board, view: this.view, sight: this.sight, palette: this.colours, width: this.stage.clientWidth, height: this.stage.clientHeight,
      selecting: !!this.lit, cursor: this.cursor, hover: this.hover, chosen: this.chosen ? this.view.find(this.chosen) : -1, ribbon: this.ribbon };
  }

  private moment(): string {
    const at = this.at === null ? '' : 'what had happened by ' + instant(this.at) + ' UTC';
    const known = this.knownAt === null ? '' : 'what was recorded by ' + instant(this.knownAt) + ' UTC';
    return [at, known].filter(Boolean).join(', ') || 'all that is known';
  }

  // News.

  // heard counts what was recorded since, and says so beside the replay.
  private heard(position: number, kind: string): void {
    if (position <= this.board.position) return; // it is drawn already
    if (/^(transfer|hop|conversion|return)\.observed\./.test(kind)) this.since.movements++; else this.since.others++;
    const count = (n: number, what: string): string => n + ' ' + what + (n === 1 ? '' : 's'), { movements, others } = this.since;
    const words = !movements ? count(others, 'new event') : count(movements, 'new movement') + (others ? ' and ' + count(others, 'other event') : '');
    this.replay.news(words);
    this.news.textContent = words + '. The key End draws them.';
  }

  // renew draws the picture anew with all that is recorded. Where that cannot be
  // fetched, everything stays, and the button with it.
  private async renew(): Promise<void> {
    const board = await fetched<Board>(this.section.dataset.board!).catch(() => undefined);
    if (!board || board.position <= this.board.position || this.life.signal.aborted) return;
    this.life.abort();
    this.replay.pause();
    const focused = this.section.contains(document.activeElement), next = new Flow(this.section, board, this);
    if (focused) next.stage.focus();
    next.notes.append(' The picture is of position ' + board.position + ' of the log, the figures beside it are older: ', make('a', { href: '?' + next.query() }, 'load the page again'), '.');
  }

  // follow goes on where another picture was looked at.
  private follow(before: Flow): void {
    this.at = before.at;
    this.sight = before.sight;
    this.fitted = before.fitted;
    if (this.fitted) this.fit(false);
  }

  // Time.

  private move(axis: Axis, at: number | null): void {
    if (axis === 'known_at') { void this.known(at); return; }
    this.at = at;
    this.replay.show(at);
    this.refresh();
    this.inspect();
    this.note();
    this.settle();
  }

  // known brings what had been recorded by a moment onto the places that
  // stand.
  private async known(at: number | null): Promise<void> {
    this.knownAt = at;
    this.replay.show(at);
    const remapped = at === null ? undefined : await this.recordedBy(at);
    if (this.knownAt !== at) return; // somebody has moved on
    this.remapped = remapped;
    this.steps = remapped?.steps ?? this.board.steps;
    this.note();
    this.sums = new Sums(this.board, this.steps);
    this.lit = undefined;
    this.refresh();
    this.inspect();
    this.settle();
    if (this.chosen) void this.light();
  }

  // note tells what of the past has no place in the picture of today.
  private note(): void {
    const strangers = this.remapped?.strangers(this.at ?? Infinity) ?? [], lost = this.remapped?.lost ?? 0;
    const told = strangers.slice(0, 5).map(s => s.name + ' ' + amount(this.board, s.there) + ' ' + this.board.asset).join(', ') + (strangers.length > 5 ? ' and ' + (strangers.length - 5) + ' more' : '');
    this.notes.textContent = (strangers.length ? 'Then it was also known to lie where nothing is drawn today: ' + told + '. ' : '') +
      (lost ? 'Movements without a ribbon, corrected or withdrawn since: ' + lost + '.' : '');
  }

  private remapped?: Remapped;
  private readonly kept = new Map<number, Remapped>();

  private async recordedBy(at: number): Promise<Remapped> {
    let found = this.kept.get(at);
    if (!found) {
      const board = await fetched<Board>(this.address('board', { known_at: new Date(at).toISOString() }));
      const none: Steps = { at: [], edge: [], from: [], to: [], worth: [], new: [], returned: [], state: [] };
      found = board ? remap(this.board, board) : { steps: none, lost: 0, strangers: () => [] };
      this.kept.set(at, found);
    }
    return found;
  }

  // Selecting.

  private choose(key: string): void {
    this.chosen = key;
    const mark = key ? this.view.find(key) : -1;
    if (mark >= 0) this.cursor = mark;
    this.lit = this.passing = undefined;
    this.refresh();
    this.inspect();
    this.settle();
    if (key) void this.light();
  }

  // light asks what of the money passes the account, and lights it.
  private async light(): Promise<void> {
    const key = this.chosen, known = this.knownAt;
    const pass = await fetched<Pass>(this.address('pass', known === null ? { key } : { key, known_at: new Date(known).toISOString() }));
    if (!pass || this.chosen !== key || this.knownAt !== known) return;
    this.passing = pass;
    this.lit = new Sums(this.board, this.steps, pass.worth, pass.new);
    this.refresh();
    this.inspect();
  }

  private address(what: 'board' | 'pass', more: Record<string, string>): string {
    const url = new URL(this.section.dataset[what]!, location.href);
    if (more.known_at) url.searchParams.delete('upto');
    for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
    return url.href;
  }

  // inspect tells of the bar or ribbon that is pointed at, else of the one that
  // is selected, else of all.
  private inspect(): void {
    const mark = this.view.marks[this.hover] ?? this.view.marks[this.cursor] ?? (this.chosen ? this.view.marks[this.view.find(this.chosen)] : undefined);
    const ribbon = this.hover < 0 ? this.view.ribbons[this.ribbon] : undefined;
    if (ribbon) this.tellRibbon(ribbon);
    else if (mark) this.tellMark(mark);
    else this.tellAll();
  }

  private told(title: string, facts: [string, string][], ...more: Node[]): void {
    const list = make('dl');
    for (const [word, value] of facts) list.append(make('dt', {}, word), make('dd', {}, value));
    this.inspector.replaceChildren(make('h3', {}, title), list, ...more);
  }

  private money(word: string, fine: bigint): [string, string][] {
    return fine === 0n ? [] : [[word, amount(this.board, fine) + ' ' + this.board.asset]];
  }

  private tellMark(m: View['marks'][number]): void {
    const s = m.stock, hop = this.board.columns[m.column].hop;
    const about = (hop === 0 ? 'victim' : this.board.classes[m.kind] + ', hop ' + hop) + (m.fold ? ', folded' : '');
    const facts: [string, string][] = [['Is', about], ...this.money('Lost', s.new), ...this.money('Came', s.in), ...this.money('Left', s.out), ...this.money('Came home', s.returned),
      ['There', amount(this.board, there(s)) + ' ' + this.board.asset], ...this.money('Held', s.held), ...this.money('Seized', s.seized), ...this.money('Restored', s.restored)];
    if (this.lit) facts.push(['Passes the selected', (this.passing?.exact ? '' : 'about ') + amount(this.board, m.lit) + ' ' + this.board.asset + (this.passing?.turned ? ', had nothing been held or given back' : '')]);
    const more: Node[] = [];
    if (!m.fold && this.section.dataset.account && !m.key.startsWith('victim ')) {
      more.push(make('p', {}, make('a', { href: this.section.dataset.account + encodeURIComponent(m.key) }, 'Its page, with every movement')));
    }
    if (!m.fold && this.section.dataset.explain) more.push(...this.reasons(m));
    this.told(m.fold || this.board.hidden ? m.name : m.key, facts, ...more);
  }

  // reasons link every number of a victim's to the steps that lead there.
  private reasons(m: View['marks'][number]): Node[] {
    const victims = m.nodes.map(n => this.board.victims[n]).filter(Boolean).join(', ');
    if (!victims) return [];
    return victims.split(', ').slice(0, 8).map(v => make('p', {}, make('a', { href: this.section.dataset.explain + encodeURIComponent(v) }, 'Where the money of ' + v + ' went, step by step')));
  }

  private tellRibbon(r: View['ribbons'][number]): void {
    const from = this.view.marks[r.from], to = this.view.marks[r.to];
    this.told(from.name + ' → ' + to.name, [...this.money('Passed', r.sum), ['In', r.movements + (r.movements === 1 ? ' movement' : ' movements')],
      ...this.lit ? this.money('Of it lit', r.lit) : []]);
  }

  private tellAll(): void {
    const b = this.board;
    this.told('All of it', [['Rule', b.rule + (b.chosen ? ' (locked)' : ' (none is locked)')], ...this.money('Lost', this.view.heads[0] ?? 0n),
      ['Accounts', String(b.keys.length)], ['Shown', this.moment()], ['Position', String(b.position)], ['Head', b.head.slice(0, 16) + '…']]);
  }

  // Folding.

  private setOpen(open: Set<number>): void {
    const at = this.view.marks[this.cursor];
    this.open = open;
    this.view = new View(this.board, open);
    this.cursor = at ? this.view.marks.findIndex(m => m.nodes.includes(at.nodes[0])) : -1;
    this.hover = this.ribbon = -1;
    this.refresh();
    this.inspect();
    this.settle();
  }

  private unfoldAll(): void { this.setOpen(new Set(this.board.columns.map(c => c.hop))); }

  private toggle(column: number): void {
    const hop = this.board.columns[column].hop, open = new Set(this.open);
    if (!open.delete(hop)) open.add(hop);
    this.setOpen(open);
  }

  // act is what Enter and a double click do.
  private act(mark: number): void {
    const m = this.view.marks[mark];
    if (!m) return;
    if (m.fold) this.toggle(m.column);
    else this.choose(this.chosen === m.key ? '' : m.key);
  }

  // Looking.

  private fit(paint = true): void {
    const width = this.stage.clientWidth, height = this.stage.clientHeight, b = this.board;
    const k = Math.max(Math.min(width / b.width, (height - headHeight - 10) / (b.body + 8)), 0.3);
    this.sight = { k, x: Math.max((width - b.width * k) / 2, 0), y: headHeight + 2 - b.top * k };
    this.fitted = true;
    if (paint) this.paint();
  }

  private zoom(by: number, x = this.stage.clientWidth / 2, y = this.stage.clientHeight / 2): void {
    const k = Math.min(Math.max(this.sight.k * by, 0.3), 60);
    this.see({ k, x: x - (x - this.sight.x) * k / this.sight.k, y: y - (y - this.sight.y) * k / this.sight.k });
  }

  private pan(dx: number, dy: number): void {
    this.see({ ...this.sight, x: this.sight.x + dx, y: this.sight.y + dy });
  }

  // see looks elsewhere, but never so far that nothing of the picture is left.
  private see(s: Sight): void {
    const b = this.board, width = this.stage.clientWidth, height = this.stage.clientHeight, edge = 80;
    const between = (least: number, x: number, most: number): number => Math.min(Math.max(x, least), most);
    this.sight = { k: s.k, x: between(edge - b.width * s.k, s.x, width - edge), y: between(headHeight + edge - (b.top + b.body) * s.k, s.y, height - edge - b.top * s.k) };
    this.fitted = false;
    this.paint();
  }

  // step goes to the next bar in a direction and says what it is.
  private step(columns: number, rows: number): void {
    const here = this.view.marks[this.cursor] ?? this.view.marks[0];
    if (!here) return;
    const seen = this.view.marks.map((m, i) => ({ m, i })).filter(({ m }) => m.stock.in + m.stock.new > 0n);
    const middle = here.y + here.full / 2;
    const next = columns
      ? seen.filter(({ m }) => m.column === here.column + columns).sort((a, b) => Math.abs(a.m.y + a.m.full / 2 - middle) - Math.abs(b.m.y + b.m.full / 2 - middle))[0]
      : seen.filter(({ m }) => m.column === here.column && (rows < 0 ? m.y < here.y : m.y > here.y)).sort((a, b) => rows * (a.m.y - b.m.y))[0];
    this.cursor = this.cursor < 0 ? 0 : next?.i ?? this.cursor;
    this.hover = this.ribbon = -1;
    const m = this.view.marks[this.cursor];
    this.news.textContent = 'Hop ' + this.board.columns[m.column].hop + ', ' + m.name + ', ' + amount(this.board, m.stock.in + m.stock.new) + ' ' + this.board.asset + (m.fold ? ', Enter unfolds' : '');
    this.inspect();
    this.paint();
  }

  // Listening.

  private listen(): void {
    const s = this.stage;
    let drag: { x: number; y: number; moved: boolean } | undefined;
    s.addEventListener('pointerdown', e => { drag = { x: e.clientX, y: e.clientY, moved: false }; s.setPointerCapture(e.pointerId); });
    s.addEventListener('pointermove', e => {
      if (!drag) { this.point(e); return; }
      const dx = e.clientX - drag.x, dy = e.clientY - drag.y;
      if (!drag.moved && Math.hypot(dx, dy) < 4) return;
      drag = { x: e.clientX, y: e.clientY, moved: true };
      this.pan(dx, dy);
    });
    s.addEventListener('pointerup', e => {
      const still = drag && !drag.moved;
      drag = undefined;
      if (still) this.click(e);
    });
    s.addEventListener('pointerleave', () => { this.hover = this.ribbon = -1; this.inspect(); this.paint(); });
    s.addEventListener('dblclick', e => { const m = this.under(e); if (m >= 0 && this.view.marks[m].fold) this.act(m); });
    s.addEventListener('wheel', e => {
      if (!e.ctrlKey && !e.metaKey) return; // the page scrolls
      e.preventDefault();
      const box = s.getBoundingClientRect();
      this.zoom(Math.exp(-Math.max(Math.min(e.deltaY, 60), -60) * 0.004), e.clientX - box.left, e.clientY - box.top);
    }, { passive: false });
    s.addEventListener('keydown', e => { if (this.key(e)) e.preventDefault(); });
    const sized = new ResizeObserver(() => this.repaint()), themed = new MutationObserver(() => this.repaint()), signal = this.life.signal;
    sized.observe(s);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.repaint(), { signal });
    document.addEventListener('clew-recorded', e => { e.preventDefault(); this.heard(e.detail.position, e.detail.kind); }, { signal });
    signal.addEventListener('abort', () => { sized.disconnect(); themed.disconnect(); });
  }

  private under(e: MouseEvent): number {
    const box = this.stage.getBoundingClientRect();
    return hit(this.scene(), e.clientX - box.left, e.clientY - box.top);
  }

  private point(e: PointerEvent): void {
    const mark = this.under(e), box = this.stage.getBoundingClientRect();
    const ribbon = mark < 0 ? hitRibbon(this.c, this.scene(), e.clientX - box.left, e.clientY - box.top) : -1;
    this.stage.classList.toggle('flow-pointed', mark >= 0);
    if (mark === this.hover && ribbon === this.ribbon) return;
    this.hover = mark;
    this.ribbon = ribbon;
    this.inspect();
    this.paint();
  }

  private click(e: PointerEvent): void {
    const mark = this.under(e);
    this.cursor = mark;
    if (mark >= 0 && !this.view.marks[mark].fold) this.act(mark);
    else if (mark < 0 && this.chosen) this.choose('');
    else { this.inspect(); this.paint(); }
  }

  // key does what a key stands for, and says whether it stood for anything.
  private key(e: KeyboardEvent): boolean {
    if (e.ctrlKey || e.metaKey || e.altKey) return false;
    const arrows: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = arrows[e.key];
    if (way) {
      if (e.shiftKey) this.pan(-60 * way[0], -60 * way[1]); else this.step(way[0], way[1]);
      return true;
    }
    const m = this.view.marks[this.cursor];
    const does: Record<string, () => void> = {
      'Enter': () => this.act(this.cursor), ' ': () => this.act(this.cursor), 'Escape': () => { this.cursor = -1; this.choose(''); },
      'o': () => { if (m && !m.fold && this.section.dataset.account) location.href = this.section.dataset.account + encodeURIComponent(m.key); },
      'u': () => { if (m) this.toggle(m.column); }, '+': () => this.zoom(1.4), '=': () => this.zoom(1.4), '-': () => this.zoom(1 / 1.4), '0': () => this.fit(),
      'p': () => this.replay.toggle(), ',': () => this.replay.step(-1), '.': () => this.replay.step(1), 'Home': () => this.replay.first(), 'End': () => this.replay.live(),
      'a': () => this.otherAxis(), 't': () => { this.twin.element.open = !this.twin.element.open; }, '?': () => this.help.showModal(),
    };
    does[e.key]?.();
    return e.key in does;
  }

  private otherAxis(): void {
    const select = this.replay.element.querySelector('select')!;
    select.value = this.replay.axis === 'at' ? 'known_at' : 'at';
    select.dispatchEvent(new Event('change'));
  }

  // The address, and what leaves.

  private query(): string {
    const asked = new URLSearchParams(location.search);
    const set = (name: string, value: string): void => { if (value) asked.set(name, value); else asked.delete(name); };
    if (this.at !== null || this.replay.axis === 'at') set('at', this.at === null ? '' : new Date(this.at).toISOString());
    if (this.knownAt !== null || this.replay.axis === 'known_at') set('known_at', this.knownAt === null ? '' : new Date(this.knownAt).toISOString());
    set('account', this.chosen);
    set('unfold', [...this.open].sort((a, b) => a - b).join(','));
    return asked.toString();
  }

  private settled = 0;

  // settle writes the address once things have come to rest: browsers refuse
  // to be told of every frame.
  private settle(): void {
    clearTimeout(this.settled);
    this.settled = window.setTimeout(() => {
      const query = this.query();
      history.replaceState(null, '', location.pathname + (query ? '?' + query : '') + location.hash);
      this.exports();
    }, 250);
  }

  // png draws what is shown once more, twice as fine, with what it rests on.
  private png(): void {
    const paper = make('canvas'), scene = this.scene(), b = this.board;
    scene.height += 44;
    scene.cursor = scene.hover = scene.ribbon = -1;
    scene.foot = ['Case ' + b.case + ' · rule ' + b.rule + (b.chosen ? ' (locked for the case)' : ' (no rule is locked)') + ' · ' + this.moment() + (this.lit ? ' · lit is what passes ' + this.view.marks[scene.chosen]?.name : ''), 'position ' + b.position + ' · head ' + b.head];
    paper.width = scene.width * 2;
    paper.height = scene.height * 2;
    const c = paper.getContext('2d')!;
    c.scale(2, 2);
    draw(c, scene);
    paper.toBlob(blob => {
      if (!blob) return;
      const now = new Date().toISOString().replace(/[-:]|\.\d+/g, ''), url = URL.createObjectURL(blob);
      make('a', { href: url, download: 'clew-' + b.case.replace(/[^A-Za-z0-9._-]+/g, '_') + '-flow-' + now + '.png' }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
    }, 'image/png');
  }
}

async function fetched<T>(address: string): Promise<T | undefined> {
  const answer = await fetch(address, { headers: { Accept: 'application/json' } });
  return answer.ok ? await answer.json() as T : undefined;
}

async function begin(): Promise<void> {
  const section = document.querySelector<HTMLElement>('[data-board]');
  if (!section) return;
  const board = await fetched<Board>(section.dataset.board!);
  if (!board || board.keys.length === 0) return; // the picture that the page brought stays
  new Flow(section, board);
  performance.mark('flow-drawn');
}

void begin();
