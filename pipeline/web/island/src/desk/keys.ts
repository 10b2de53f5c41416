// The keyboard: Alt with a key for the desk's own, Ctrl or Command for what every editor has.
import type { Acts } from "./acts";
import type { Editor } from "./editor";

const WITH_ALT: Readonly<Record<string, string>> = {
  ArrowDown: "next",
  ArrowUp: "before",
  KeyJ: "next-flagged",
  KeyK: "checked",
  KeyP: "play",
  KeyL: "listen",
  KeyM: "merge",
  KeyN: "add",
  Backspace: "remove",
  Delete: "remove",
  KeyR: "replace",
  KeyB: "burn",
  KeyH: "help",
  BracketLeft: "begin-here",
  BracketRight: "end-here",
  Comma: "start-earlier",
  Period: "start-later",
};
const WITH_ALT_AND_SHIFT: Readonly<Record<string, string>> = { Comma: "end-earlier", Period: "end-later" };

export function listenToKeys(acts: Acts, editor: Editor): void {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const act = actOf(event, editor);
    if (act === null) return;
    event.preventDefault();
    if (typeof act === "number") editor.accept(act);
    else acts[act]!();
  });
}

/** Return the name of what a key does, or the number of a suggestion; null for what is none of ours. */
function actOf(event: KeyboardEvent, editor: Editor): string | number | null {
  const isControl = event.ctrlKey || event.metaKey;
  if (isControl && !event.altKey) {
    if (event.code === "Enter") return "split";
    if (document.activeElement instanceof HTMLInputElement) return null;
    if (event.code === "KeyZ") return event.shiftKey ? "redo" : "undo";
    return event.code === "KeyY" ? "redo" : null;
  }
  if (!event.altKey || isControl) return null;
  const digit = /^Digit([1-9])$/.exec(event.code);
  if (digit) return Number(digit[1]) - 1;
  return (event.shiftKey ? WITH_ALT_AND_SHIFT[event.code] : WITH_ALT[event.code]) ?? null;
}
