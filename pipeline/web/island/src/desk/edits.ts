// What a person does to the cues: each edit makes a new list and leaves the old one to undo.
import { frameOf, onFrame, timeOf } from "./frames";
import { settings, type Cue, type Piece } from "./types";

export type Cues = readonly Cue[];
const NEW_MS = 2000;
let made = 0;

/** Return a name that no other cue of this page has. */
function newName(): string {
  made += 1;
  return `n${Date.now().toString(36)}${made}`;
}

function inOrder(cues: Cues): Cues {
  return [...cues].sort((a, b) => a.start_ms - b.start_ms);
}

export function changed(cues: Cues, id: string, values: Partial<Cue>): Cues {
  return cues.map((cue) => (cue.id === id ? { ...cue, ...values } : cue));
}

/** Give a cue other times: on frames, inside the picture, a frame long at least. */
export function retimed(cues: Cues, id: string, start_ms: number, end_ms: number): Cues {
  const start = frameOf(onFrame(start_ms));
  const end = Math.max(start + 1, frameOf(onFrame(end_ms)));
  return inOrder(changed(cues, id, { start_ms: timeOf(start), end_ms: timeOf(end) }));
}

/** Divide a cue where the caret stands; the time is that of the word there, else by how much text stands before. */
export function split(cues: Cues, id: string, caret: number, heard: readonly Piece[]): { cues: Cues; second: string } | null {
  const cue = cues.find((each) => each.id === id);
  if (!cue) return null;
  const first = cue.text.slice(0, caret).trim();
  const last = cue.text.slice(caret).trim();
  if (!first || !last) return null;
  const least = settings.gap_frames + 1;
  const [begin, end] = [frameOf(cue.start_ms), frameOf(cue.end_ms)];
  if (end - begin < least + 1) return null;
  const wished = frameOf(momentOf(cue, first.length / (first.length + last.length), heard));
  const at = Math.max(begin + least, Math.min(end - 1, wished));
  const second = newName();
  const halves = [
    { ...cue, text: first, end_ms: timeOf(at - settings.gap_frames) },
    { ...cue, id: second, text: last, start_ms: timeOf(at), is_checked: false },
  ];
  return { cues: cues.flatMap((each) => (each.id === id ? halves : [each])), second };
}

function momentOf(cue: Cue, share: number, heard: readonly Piece[]): number {
  const total = heard.reduce((sum, piece) => sum + piece[2].length, 0);
  let before = 0;
  for (const [start_ms, , text] of heard) {
    if (before >= share * total && start_ms > cue.start_ms && start_ms < cue.end_ms) return start_ms;
    before += text.length;
  }
  return cue.start_ms + share * (cue.end_ms - cue.start_ms);
}

/** Put a cue and the next one into one. */
export function merged(cues: Cues, id: string): Cues | null {
  const place = cues.findIndex((cue) => cue.id === id);
  const [first, second] = [cues[place], cues[place + 1]];
  if (!first || !second) return null;
  const isLatin = /\w$/.test(first.text) && /^\w/.test(second.text);
  const text = `${first.text}${isLatin ? " " : ""}${second.text}`;
  const whole = { ...first, text, end_ms: Math.max(first.end_ms, second.end_ms), is_checked: false };
  return [...cues.slice(0, place), whole, ...cues.slice(place + 2)];
}

/** Add an empty cue after another one where there is room, else at a moment. */
export function added(cues: Cues, after: string | null, moment_ms: number): { cues: Cues; id: string } {
  const place = cues.findIndex((cue) => cue.id === after);
  const before = cues[place];
  const gap_ms = timeOf(settings.gap_frames);
  const start_ms = onFrame(before ? before.end_ms + gap_ms : moment_ms);
  const next = cues.find((cue) => cue.start_ms > start_ms);
  const latest = next ? next.start_ms - gap_ms : settings.duration_ms;
  const end_ms = onFrame(Math.max(start_ms + timeOf(1), Math.min(start_ms + NEW_MS, latest)));
  const id = newName();
  return { cues: inOrder([...cues, { id, start_ms, end_ms, text: "", is_checked: false }]), id };
}

export function removed(cues: Cues, id: string): Cues {
  return cues.filter((cue) => cue.id !== id);
}

/** Put other words wherever some stand; return how often that was. */
export function replaced(cues: Cues, wanted: string, instead: string): { cues: Cues; count: number } {
  let count = 0;
  const texts = cues.map((cue) => {
    const parts = cue.text.split(wanted);
    if (parts.length === 1) return cue;
    count += parts.length - 1;
    return { ...cue, text: parts.join(instead) };
  });
  return { cues: texts, count };
}
