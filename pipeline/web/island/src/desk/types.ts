// What the server and the page tell each other, and what the page says.
/** The status of what is not prepared yet but will be. */
export const PREPARING = 202;
/** The status of what is not there and will not be. */
export const MISSING = 404;

export interface Cue {
  readonly id: string;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
  readonly is_checked: boolean;
}

export interface Remark {
  readonly kind: string;
  readonly tone: "bad" | "warn" | "quiet";
  readonly text: string;
  readonly found?: string;
  readonly suggestion?: string;
}

export type Remarks = Readonly<Record<string, readonly Remark[]>>;

export interface Settings {
  readonly base: string;
  readonly events: string;
  readonly rate: readonly [number, number];
  readonly duration_ms: number;
  readonly peaks_a_second: number;
  readonly gap_frames: number;
  readonly min_ms: number;
  readonly line_chars: number;
  readonly is_burning: boolean;
}

/** Start and end in milliseconds, and text. */
export type Piece = readonly [number, number, string];

const desk = document.querySelector<HTMLElement>("#desk")!;
export const settings = JSON.parse(desk.dataset.settings!) as Settings;
export const nonce = desk.dataset.nonce!;
const words = JSON.parse(desk.dataset.words!) as Record<string, string>;

/** Return a sentence in the page's language. */
export function say(name: string, values: Record<string, string | number> = {}): string {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (_whole, key: string) => String(values[key] ?? ""));
}

/** Return one element of the page that is always there. */
export function get<T extends HTMLElement>(selector: string): T {
  return desk.querySelector<T>(selector)!;
}

/** Return a new element with a class and a text. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, name = "", text = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}
