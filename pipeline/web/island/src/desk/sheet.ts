// The cues as they are now, which one is worked on, what is said about each, and the way back.
import type { Cues } from "./edits";
import type { Cue, Remark, Remarks } from "./types";

interface Moment {
  readonly cues: Cues;
  readonly selected: string | null;
}

const ONE_STEP_MS = 1500;
const STEPS_MAX = 500;
const NONE: readonly Remark[] = [];

export class Sheet {
  private past: Moment[] = [];
  private future: Moment[] = [];
  private kind = "";
  private changed_at = 0;
  private readonly listeners: (() => void)[] = [];
  remarks: Remarks = {};
  /** Whether anything is known of what should be looked at. */
  isJudged = false;

  constructor(public cues: Cues, public selected: string | null) {}

  /** Call `listener` after every change of cues, selection or remarks. */
  listen(listener: () => void): void {
    this.listeners.push(listener);
  }

  get cue(): Cue | undefined {
    return this.cues.find((cue) => cue.id === this.selected);
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Change the cues; edits of one kind in quick succession are one step to undo. */
  apply(cues: Cues, selected: string | null = this.selected, kind = ""): void {
    const now = Date.now();
    const isSameStep = kind !== "" && kind === this.kind && now - this.changed_at < ONE_STEP_MS;
    if (!isSameStep) this.past.push({ cues: this.cues, selected: this.selected });
    if (this.past.length > STEPS_MAX) this.past.shift();
    [this.kind, this.changed_at, this.future] = [kind, now, []];
    this.set({ cues, selected });
  }

  undo(): void {
    this.move(this.past, this.future);
  }

  redo(): void {
    this.move(this.future, this.past);
  }

  select(id: string | null): void {
    if (id !== this.selected) this.set({ cues: this.cues, selected: id });
  }

  /** Take what the server says, which is no step of the person's. */
  take(remarks: Remarks, texts: Readonly<Record<string, string>> = {}): void {
    [this.remarks, this.isJudged] = [remarks, true];
    const cues = Object.keys(texts).length
      ? this.cues.map((cue) => (texts[cue.id] === undefined ? cue : { ...cue, text: texts[cue.id]! }))
      : this.cues;
    this.set({ cues, selected: this.selected });
  }

  /** Begin anew with other cues. */
  restart(cues: Cues): void {
    [this.past, this.future, this.remarks, this.isJudged] = [[], [], {}, false];
    const stays = cues.some((cue) => cue.id === this.selected);
    this.set({ cues, selected: stays ? this.selected : (cues[0]?.id ?? null) });
  }

  remarksOn(cue: Cue): readonly Remark[] {
    return this.remarks[cue.id] ?? NONE;
  }

  /** Tell whether a person should look at a cue and has not. */
  isOpen(cue: Cue): boolean {
    return !cue.is_checked && this.remarksOn(cue).some((remark) => remark.tone !== "quiet");
  }

  private move(from: Moment[], to: Moment[]): void {
    const moment = from.pop();
    if (!moment) return;
    to.push({ cues: this.cues, selected: this.selected });
    this.kind = "";
    const stays = moment.cues.some((cue) => cue.id === moment.selected);
    this.set({ cues: moment.cues, selected: stays ? moment.selected : (moment.cues[0]?.id ?? null) });
  }

  private set(moment: Moment): void {
    [this.cues, this.selected] = [moment.cues, moment.selected];
    for (const listener of this.listeners) listener();
  }
}
