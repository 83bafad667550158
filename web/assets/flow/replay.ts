// The bar below the picture: when how much moved, and the way through it, on
// both time axes: what had happened by a moment, and what had been recorded by
// then.

import { Board, after } from './board';
import { button, calm, make } from './parts';

export type Axis = 'at' | 'known_at';

const most = 160; // bars of the histogram

export class Replay {
  readonly element = make('div', { class: 'flow-replay' });
  axis: Axis = 'at';
  private moments: number[] = []; // of the axis, each once
  private readonly canvas = make('canvas', { 'aria-hidden': 'true' });
  private readonly slider = make('input', { type: 'range', min: '0', step: '1', 'aria-label': 'Moment' });
  private readonly clock = make('output', { class: 'flow-clock' });
  private readonly play: HTMLButtonElement;
  private readonly axes: HTMLSelectElement;
  private readonly fresh: HTMLButtonElement;
  private timer = 0;

  // go is told the place of a moment on its axis; null stands for now. renew is
  // told that what was recorded since the picture was drawn shall be shown.
  constructor(private readonly board: Board, private readonly go: (axis: Axis, at: number | null) => void, private readonly renew: () => void) {
    this.play = button('▶ Replay', 'Play or pause (p)', () => this.toggle());
    const axis = this.axes = make('select', { 'aria-label': 'Which time' }, make('option', { value: 'at' }, 'as it happened'), make('option', { value: 'known_at' }, 'as it became known'));
    axis.addEventListener('change', () => this.turn(axis.value as Axis));
    this.fresh = button('Nothing new', 'Draw what was recorded since (End)', renew);
    this.fresh.hidden = true;
    const buttons = make('div', { class: 'flow-buttons' }, this.play,
      button('◂', 'One event back (,)', () => this.step(-1)), button('▸', 'One event on (.)', () => this.step(1)),
      button('Live', 'All there is (End)', () => this.live()), this.fresh, axis);
    this.slider.addEventListener('input', () => { this.pause(); this.jump(Number(this.slider.value)); });
    const track = make('div', { class: 'flow-track' }, this.canvas, this.slider);
    this.element.append(make('div', { class: 'flow-when' }, this.clock, buttons), track);
    this.turn('at', false);
  }

  // turn changes the axis.
  turn(axis: Axis, tell = true): void {
    this.pause();
    this.axes.value = this.axis = axis;
    const times = axis === 'at' ? this.board.steps.at : this.board.known.map(k => k[0]);
    this.moments = times.filter((t, i) => i === 0 || t !== times[i - 1]);
    this.slider.max = String(Math.max(this.moments.length - 1, 0));
    this.slider.value = this.slider.max;
    if (tell) this.live();
  }

  // show puts the slider and the clock at a moment that was asked for.
  show(at: number | null): void {
    const place = at === null ? this.moments.length - 1 : after(this.moments, at) - 1;
    this.slider.value = String(Math.max(place, 0));
    const text = at === null ? (this.axis === 'at' ? 'all that happened' : 'all that is recorded') : instant(at) + ' UTC';
    this.clock.textContent = text;
    this.slider.setAttribute('aria-valuetext', text);
  }

  private jump(place: number): void {
    const last = this.moments.length - 1;
    this.go(this.axis, place >= last ? null : this.moments[Math.max(place, 0)]);
  }

  step(by: number): void {
    this.pause();
    this.jump(Math.min(Math.max(Number(this.slider.value) + by, 0), this.moments.length - 1));
  }

  first(): void { this.pause(); this.jump(0); }

  live(): void {
    this.pause();
    this.go(this.axis, null);
    if (!this.fresh.hidden) this.renew();
  }

  // news says that something was recorded since: nothing moves until somebody
  // asks for it.
  news(words: string): void {
    this.fresh.textContent = words + ': show';
    this.fresh.hidden = false;
  }

  toggle(): void { if (this.timer) this.pause(); else this.run(); }

  pause(): void {
    if (!this.timer) return;
    cancelAnimationFrame(this.timer);
    clearTimeout(this.timer);
    this.timer = 0;
    this.play.textContent = '▶ Replay';
  }

  // run plays all of it in twenty seconds; for those who want little motion,
  // and where every stop is a question to the server, in ten jumps.
  private run(): void {
    const last = this.moments.length - 1;
    if (last < 1) return;
    let place = Number(this.slider.value) >= last ? 0 : Number(this.slider.value);
    this.play.textContent = '❚❚ Pause';
    const jumps = calm() || this.axis === 'known_at';
    const began = performance.now() - place / last * 20000;
    const next = (now: number): void => {
      place = jumps ? Math.min(place + Math.ceil(last / 10), last) : Math.min(Math.floor((now - began) / 20000 * last), last);
      this.jump(place);
      if (place >= last) { this.pause(); return; }
      this.timer = jumps ? window.setTimeout(() => next(performance.now()), 1500) : requestAnimationFrame(next);
    };
    this.timer = requestAnimationFrame(next);
  }

  // paint draws the histogram: amounts, or events on the axis of what is known.
  paint(colour: string, quiet: string, held: string): void {
    const width = this.canvas.clientWidth, height = this.canvas.clientHeight, ratio = devicePixelRatio;
    if (!width) return;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    const c = this.canvas.getContext('2d')!;
    c.scale(ratio, ratio);
    const { bars, marks } = this.histogram(), buckets = bars.length, highest = Math.max(...bars, 1e-9);
    const now = Number(this.slider.value), last = Math.max(this.moments.length - 1, 1);
    bars.forEach((b, i) => {
      const h = b > 0 ? Math.max(b / highest * (height - 2), 1.5) : 0;
      c.fillStyle = i / buckets <= now / last ? colour : quiet;
      c.fillRect(i * width / buckets, height - h, Math.max(width / buckets - 1, 1), h);
      const frozen = marks[i] > 0 ? Math.max(marks[i] / highest * (height - 2), 2) : 0;
      c.fillStyle = held;
      c.fillRect(i * width / buckets, height - frozen, Math.max(width / buckets - 1, 1), frozen);
    });
  }

  // histogram sums up by the places of the slider, so that what stands above it
  // is what it moves through.
  private histogram(): { bars: number[]; marks: number[] } {
    const buckets = Math.min(Math.max(this.moments.length, 1), most);
    const bars = new Array<number>(buckets).fill(0), marks = new Array<number>(buckets).fill(0);
    const bucket = (t: number): number => Math.min(Math.floor(Math.max(after(this.moments, t) - 1, 0) / Math.max(this.moments.length, 1) * buckets), buckets - 1);
    if (this.axis === 'known_at') {
      for (const [t, events] of this.board.known) bars[bucket(t)] += events;
      return { bars, marks };
    }
    const s = this.board.steps;
    s.at.forEach((t, i) => {
      if (s.state[i] === 0) bars[bucket(t)] += Number(s.worth[i]);
      else if (s.state[i] === 1 && Number(s.worth[i]) > 0) marks[bucket(t)] += Number(s.worth[i]);
    });
    return { bars, marks };
  }
}

// instant is a moment as clew writes it, without what is nothing.
export const instant = (at: number): string => new Date(at).toISOString().replace('T', ' ').replace(/(:00)?\.000Z$/, '').replace('Z', '');
