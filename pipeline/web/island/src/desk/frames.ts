// The frames of the picture: every time that a person sets lies on one.
import { settings } from "./types";

const [numerator, denominator] = settings.rate;

export function frameOf(time_ms: number): number {
  return Math.round((time_ms * numerator) / (denominator * 1000));
}

export function timeOf(frame: number): number {
  return Math.round((frame * denominator * 1000) / numerator);
}

/** Return the time of the nearest frame inside the picture. */
export function onFrame(time_ms: number): number {
  return timeOf(Math.max(0, Math.min(frameOf(time_ms), frameOf(settings.duration_ms))));
}

/** Return a time as people read it, such as 1:02.480. */
export function written(time_ms: number): string {
  const minutes = Math.floor(time_ms / 60000);
  const seconds = ((time_ms % 60000) / 1000).toFixed(3).padStart(6, "0");
  return `${minutes}:${seconds}`;
}

/** Return what a person wrote as a time; null when it is none. */
export function read(text: string): number | null {
  const match = /^\s*(?:(\d{1,3})[:：])?(\d{1,4})(?:[.,。](\d{1,3}))?\s*$/.exec(text);
  if (!match) return null;
  const milliseconds = (match[3] ?? "").padEnd(3, "0");
  return Number(match[1] ?? 0) * 60000 + Number(match[2]) * 1000 + Number(milliseconds);
}
