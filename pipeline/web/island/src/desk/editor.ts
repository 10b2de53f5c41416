// What stands open under the selected row: text, times, reasons, and what the words can be compared with.
import { compared } from "./difference";
import { changed, retimed } from "./edits";
import { frameOf, read, timeOf, written } from "./frames";
import type { Sheet } from "./sheet";
import { make, say, type Cue, type Piece, type Remark } from "./types";

export interface Words {
  readonly heard: readonly Piece[];
  readonly script: readonly Piece[];
}

/** Return the pieces whose middle lies in a cue. */
export function within(pieces: readonly Piece[], cue: Cue): readonly Piece[] {
  return pieces.filter(([start, end]) => start + end >= 2 * cue.start_ms && start + end < 2 * cue.end_ms);
}

export class Editor {
  readonly element = make("div", "editor");
  readonly text = make("textarea");
  private readonly start = make("input");
  private readonly end = make("input");
  private readonly reasons = make("ul", "reasons");
  private readonly comparison = make("dl", "comparison");
  private readonly check = make("button");
  private cue: Cue | null = null;
  private remarks: readonly Remark[] = [];
  words: Words = { heard: [], script: [] };

  constructor(private readonly sheet: Sheet) {
    this.text.rows = 2;
    this.text.spellcheck = false;
    this.text.maxLength = 500;
    this.text.setAttribute("aria-label", say("text"));
    this.text.addEventListener("input", () => this.write(this.text.value, "typing"));
    this.check.type = "button";
    this.check.addEventListener("click", () => this.toggleChecked());
    const times = make("div", "times");
    times.append(this.time(this.start, "start"), this.time(this.end, "end"), this.check);
    this.element.append(this.text, times, this.reasons, this.comparison);
  }

  /** Show the selected cue as it is now. */
  update(): void {
    const cue = this.sheet.cue;
    if (!cue) return;
    const isOther = cue.id !== this.cue?.id;
    const remarks = this.sheet.remarksOn(cue);
    if (this.text.value !== cue.text) this.text.value = cue.text;
    if (isOther || cue.start_ms !== this.cue?.start_ms) this.start.value = written(cue.start_ms);
    if (isOther || cue.end_ms !== this.cue?.end_ms) this.end.value = written(cue.end_ms);
    if (isOther || cue.is_checked !== this.cue?.is_checked) this.showChecked(cue);
    const hasMoved = isOther || cue.start_ms !== this.cue?.start_ms || cue.end_ms !== this.cue?.end_ms;
    const isEmptied = !cue.text !== !this.cue?.text;
    if (isOther || isEmptied || JSON.stringify(remarks) !== JSON.stringify(this.remarks)) this.showReasons(cue, remarks);
    if (hasMoved || cue.text !== this.cue?.text) this.compareSoon(hasMoved);
    [this.cue, this.remarks] = [cue, remarks];
  }

  focus(): void {
    this.text.focus();
  }

  /** Take one of the suggestions, counted from 0. */
  accept(number: number): void {
    const cue = this.sheet.cue;
    const remark = cue && this.sheet.remarksOn(cue).filter((each) => each.suggestion)[number];
    if (!cue || !remark) return;
    const text = remark.found ? cue.text.replace(remark.found, remark.suggestion!) : remark.suggestion!;
    this.write(text);
    this.focus();
  }

  toggleChecked(): void {
    const cue = this.sheet.cue;
    if (cue) this.sheet.apply(changed(this.sheet.cues, cue.id, { is_checked: !cue.is_checked }));
  }

  /** Compare again, since the words are there now. */
  refresh(): void {
    this.compareSoon(true);
  }

  private write(text: string, kind = ""): void {
    const cue = this.sheet.cue;
    if (!cue || cue.text === text) return;
    this.sheet.apply(changed(this.sheet.cues, cue.id, { text }), cue.id, kind && `${kind}:${cue.id}`);
  }

  private time(input: HTMLInputElement, name: "start" | "end"): HTMLLabelElement {
    const label = make("label", "", say(name));
    input.inputMode = "decimal";
    input.autocomplete = "off";
    input.addEventListener("change", () => this.move(name, read(input.value)));
    input.addEventListener("keydown", (event) => {
      if (event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
      event.preventDefault();
      this.nudge(name, event.key === "ArrowUp" ? 1 : -1);
    });
    label.append(input);
    return label;
  }

  /** Move the beginning or the end by frames. */
  nudge(name: "start" | "end", frames: number): void {
    const cue = this.sheet.cue;
    if (cue) this.move(name, timeOf(frameOf(name === "start" ? cue.start_ms : cue.end_ms) + frames));
  }

  /** Let the selected cue begin or end at a time; what is no time changes nothing. */
  move(name: "start" | "end", time_ms: number | null): void {
    const cue = this.sheet.cue;
    if (!cue) return;
    if (time_ms !== null && Math.abs(time_ms - (name === "start" ? cue.start_ms : cue.end_ms)) >= 1) {
      const [start, end] = name === "start" ? [time_ms, cue.end_ms] : [cue.start_ms, time_ms];
      this.sheet.apply(retimed(this.sheet.cues, cue.id, start, end), cue.id, `${name}:${cue.id}`);
    }
    const now = this.sheet.cue ?? cue;
    [this.start.value, this.end.value] = [written(now.start_ms), written(now.end_ms)];
  }

  private showChecked(cue: Cue): void {
    this.check.textContent = cue.is_checked ? `✓ ${say("checked")}` : say("check");
    this.check.setAttribute("aria-pressed", String(cue.is_checked));
  }

  private showReasons(cue: Cue, remarks: readonly Remark[]): void {
    const items = remarks.map((remark) => make("li", remark.tone, remark.text));
    remarks
      .filter((remark) => remark.suggestion)
      .forEach((remark, number) => {
        const take = make("button", "", say("accept", { suggestion: remark.suggestion! }));
        take.type = "button";
        take.dataset.accept = String(number);
        take.addEventListener("click", () => this.accept(number));
        items[remarks.indexOf(remark)]!.append(" ", take);
      });
    if (!cue.text.trim()) items.unshift(make("li", "warn", say("empty")));
    this.reasons.replaceChildren(...items);
  }

  private timer = 0;
  private compareSoon(isAtOnce: boolean): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.compare(), isAtOnce ? 0 : 200);
  }

  private compare(): void {
    const cue = this.sheet.cue;
    if (!cue) return;
    const rows: HTMLElement[] = [];
    for (const name of ["script", "heard"] as const) {
      if (name === "script" && !this.words.script.length) continue;
      const text = within(this.words[name], cue).map((piece) => piece[2]).join("").trim();
      const shown = make("dd");
      shown.append(...(text ? compared(text, cue.text) : [make("span", "muted", say(`no_${name}`))]));
      rows.push(make("dt", "", say(name)), shown);
    }
    this.comparison.replaceChildren(...rows);
  }
}
