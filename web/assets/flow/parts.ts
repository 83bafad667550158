// Making elements. Text is only ever text: nothing here reads HTML.

type Child = Node | string;

export function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function button(words: string, says: string, does: () => void): HTMLButtonElement {
  const b = make('button', { type: 'button', title: says, ...(/\w/.test(words) ? {} : { 'aria-label': says }) }, words);
  b.addEventListener('click', does);
  return b;
}

export const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
