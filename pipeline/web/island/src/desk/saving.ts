// Keeping: what a person changes goes to the server soon, and the page says whether it is there.
import type { Cues } from "./edits";
import type { Sheet } from "./sheet";
import { get, say, settings, type Cue, type Remarks } from "./types";

const WAIT_MS = 400;
const AGAIN_MS = 3000;

interface Kept {
  readonly version: number;
  readonly texts: Readonly<Record<string, string>>;
  readonly remarks: Remarks;
}

export interface Newest {
  readonly version: number;
  readonly cues: readonly Cue[];
}

/** Return the newest version from the server. */
export async function newest(): Promise<Newest> {
  const answer = await fetch(`${settings.base}/cues`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(await reasonOf(answer));
  return (await answer.json()) as Newest;
}

/** Return what is said about the newest version, unless it is another than `version` by now. */
export async function remarksOn(version: number): Promise<Remarks | null> {
  const answer = await fetch(`${settings.base}/remarks`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return null;
  const found = (await answer.json()) as { version: number; remarks: Remarks };
  return found.version === version ? found.remarks : null;
}

/** Return what the server says against a request, in its own words. */
export async function reasonOf(answer: Response): Promise<string> {
  try {
    const told = (await answer.json()) as { message: string; advice: string };
    return `${told.message} ${told.advice}`.trim();
  } catch {
    return `${answer.status}`;
  }
}

export class Saver {
  private kept: Cues;
  private timer = 0;
  private running: Promise<void> | null = null;
  private isStale = false;
  private readonly told = get("#kept");
  private readonly stale = get("#stale");

  constructor(private readonly sheet: Sheet, public version: number) {
    this.kept = sheet.cues;
    sheet.listen(() => this.later(WAIT_MS));
    window.addEventListener("beforeunload", (event) => {
      if (this.isDirty) event.preventDefault();
    });
  }

  get isDirty(): boolean {
    return this.sheet.cues !== this.kept;
  }

  /** Wait until everything is kept; tell whether it is. */
  async flush(): Promise<boolean> {
    while (this.isDirty && !this.isStale) {
      const before = this.kept;
      await (this.running ?? this.keep());
      if (this.kept === before) return false;
    }
    return !this.isDirty;
  }

  /** Begin anew with what the server has. */
  async reload(): Promise<void> {
    const found = await newest();
    [this.version, this.kept, this.isStale, this.stale.hidden] = [found.version, found.cues, false, true];
    this.sheet.restart(found.cues);
    this.say(say("kept"));
    await this.judge();
  }

  /** Show what is said about the version that this page began with, unless a newer answer was faster. */
  async judge(): Promise<void> {
    const version = this.version;
    const found = await remarksOn(version);
    if (found && this.version === version) this.sheet.take(found);
  }

  /** Put this page's cues over the newest version, which stays on the server. */
  async overrule(): Promise<void> {
    this.version = (await newest()).version;
    [this.isStale, this.stale.hidden] = [false, true];
    await this.keep();
  }

  private later(wait_ms: number): void {
    if (!this.isDirty || this.isStale) return;
    this.say(say("keeping"));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void (this.running ?? this.keep()), wait_ms);
  }

  private keep(): Promise<void> {
    clearTimeout(this.timer);
    this.running = this.send().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async send(): Promise<void> {
    const cues = this.sheet.cues;
    const body = JSON.stringify({ version: this.version, cues });
    let answer: Response;
    try {
      const headers = { "Content-Type": "application/json", Accept: "application/json" };
      answer = await fetch(`${settings.base}/cues`, { method: "PUT", headers, body });
    } catch {
      this.say(say("unkept"), true);
      this.timer = window.setTimeout(() => void (this.running ?? this.keep()), AGAIN_MS);
      return;
    }
    if (answer.ok) this.accept(cues, (await answer.json()) as Kept);
    else if (answer.status === 409) this.refuse(await reasonOf(answer));
    else this.say(say("refused", { reason: await reasonOf(answer) }), true);
  }

  private accept(sent: Cues, kept: Kept): void {
    this.version = kept.version;
    if (this.sheet.cues === sent) {
      this.sheet.take(kept.remarks, kept.texts);
      this.kept = this.sheet.cues;
      clearTimeout(this.timer);
      this.say(say("kept"));
    } else {
      this.kept = sent;
      this.sheet.take(kept.remarks);
      this.later(0);
    }
  }

  private refuse(reason: string): void {
    this.isStale = true;
    this.stale.querySelector("p")!.textContent = reason;
    this.stale.hidden = false;
    this.say("");
  }

  private say(text: string, isBad = false): void {
    this.told.classList.toggle("warn", isBad);
    if (this.told.textContent !== text) this.told.textContent = text;
  }
}
