// What makes the screens more convenient, and nothing that they need: keys,
// clocks that count down by the server's time, times in the reader's own zone,
// and a quiet word when something new was recorded. Text is only ever set as
// text: no markup is made here.

const keys: [string, string][] = [
  ['?', 'this list'], ['/', 'find an account or a case'], ['[', 'the movement before (replay)'], [']', 'the next movement (replay)'],
  ['{', 'what was known one event before'], ['}', 'what was known one event later'], ['g', 'to the content'], ['Esc', 'close'],
];

const make = <K extends keyof HTMLElementTagNameMap>(tag: K, text = '', className = ''): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (className) element.className = className;
  return element;
};

// list shows the keys, those of the picture with them where there is one.
function list(): void {
  const open = document.querySelector('dialog.keys') as HTMLDialogElement | null;
  if (open) { open.showModal(); return; }
  const dialog = make('dialog', '', 'keys'), facts = make('dl', '', 'facts'), close = make('button', 'Close');
  const heading = make('h2', 'Keys');
  heading.id = 'keys';
  dialog.setAttribute('aria-labelledby', 'keys');
  for (const [key, does] of keys) {
    const name = make('dt');
    name.append(make('kbd', key));
    facts.append(name, make('dd', does));
  }
  close.addEventListener('click', () => dialog.close());
  dialog.append(heading, facts, close);
  document.body.append(dialog);
  dialog.showModal();
}

const follow = (selector: string): void => { document.querySelector<HTMLAnchorElement>(selector)?.click(); };

// typing says whether a key belongs to a field, or to the flow picture, which
// has keys of its own.
const typing = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [contenteditable], dialog, .flow-picture') !== null;

function press(e: KeyboardEvent): void {
  if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return;
  const does: Record<string, () => void> = {
    '?': list,
    '/': () => document.getElementById('find')?.focus(),
    '[': () => follow('a.button[rel="prev"]'),
    ']': () => follow('a.button[rel="next"]'),
    '{': () => follow('a[data-known="before"]'),
    '}': () => follow('a[data-known="next"]'),
    'g': () => { const main = document.getElementById('main'); main?.setAttribute('tabindex', '-1'); main?.focus(); },
  };
  const act = does[e.key];
  if (!act) return;
  e.preventDefault();
  act();
}

// skew is how far this machine's clock is from the server's.
const skew = (): number => {
  const now = Date.parse(document.body.dataset.now ?? '');
  return Number.isNaN(now) ? 0 : now - Date.now();
};

function short(ms: number): string {
  const minutes = Math.floor(ms / 60000), hours = Math.floor(minutes / 60);
  if (minutes < 60) return minutes + ' min';
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} days ${hours % 24} h`;
}

// tick counts every clock down by the server's time. A clock that has run out
// says so; it is not announced over and over.
function tick(off: number): void {
  for (const clock of document.querySelectorAll<HTMLElement>('[data-due]')) {
    const left = Date.parse(clock.dataset.due ?? '') - (Date.now() + off);
    const words = left >= 0 ? 'in ' + short(left) : 'overdue by ' + short(-left);
    if (clock.textContent !== words) clock.textContent = words;
    clock.classList.toggle('late', left < 0);
    clock.classList.toggle('soon', left >= 0 && left < 4 * 3600_000);
  }
}

// local adds the reader's own time to every moment: as a title, for the page
// itself speaks UTC.
function local(): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>('time[datetime]')) {
    const at = new Date(time.dateTime);
    if (time.dateTime.includes('T') && !Number.isNaN(at.valueOf())) time.title = at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
  }
}

// pause waits.
const pause = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms));

// events reads the log as it grows, and tells each position and kind. The kinds
// of events are many and grow, so the stream is read by line and not by name.
async function events(address: string, after: string, told: (position: string, kind: string) => void, stop: AbortSignal): Promise<void> {
  const answer = await fetch(`${address}${address.includes('?') ? '&' : '?'}after=${after}`, { signal: stop, headers: { Accept: 'text/event-stream' } });
  if (!answer.ok || !answer.body) throw new Error(String(answer.status));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '', position = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('id: ')) position = line.slice(4);
      else if (line.startsWith('event: ')) told(position, line.slice(7));
    }
  }
}

// listen says quietly that something was recorded since the page was made. It
// changes nothing by itself: a number must not move under the reader's eyes. A
// page that nobody looks at listens to nothing: a browser has six lines to a
// server, and tabs are many. A flow picture is asked first, by an event that it
// may take for itself: it can show what is new in its place.
function listen(): void {
  const { live, after } = document.body.dataset;
  if (!live || !after) return;
  const note = make('p', '', 'live'), again = make('a', 'show them'), words = make('span');
  let last = after, seen = 0, stop: AbortController | null = null;
  note.setAttribute('role', 'status');
  note.hidden = true;
  again.href = location.href;
  note.append(words, ' ', again);
  document.body.append(note);
  const told = (position: string, kind: string): void => {
    last = position;
    if (!document.dispatchEvent(new CustomEvent('clew-recorded', { cancelable: true, detail: { position: Number(position), kind } }))) return;
    seen++;
    words.textContent = seen === 1 ? '1 new event:' : seen + ' new events:';
    note.hidden = false;
  };
  const go = async (): Promise<void> => {
    const mine = stop = new AbortController();
    for (let wait = 2000; !mine.signal.aborted; wait = Math.min(wait * 2, 60_000)) {
      const before = last;
      await events(live, last, told, mine.signal).catch(() => undefined);
      if (last !== before) wait = 2000;
      if (!mine.signal.aborted) await pause(wait);
    }
  };
  const look = (): void => {
    if (document.visibilityState === 'hidden') { stop?.abort(); stop = null; } else if (!stop) void go();
  };
  document.addEventListener('visibilitychange', look);
  addEventListener('pagehide', () => stop?.abort());
  look();
}

document.addEventListener('keydown', press);
local();
const off = skew();
if (document.querySelector('[data-due]')) setInterval(tick, 1000, off);
listen();
