// The picture with the cue of the moment over it, drawn by what burns it.
import { written } from "./frames";
import type { Sheet } from "./sheet";
import { get, MISSING, PREPARING, say, settings, type Cue } from "./types";

const TYPED_MS = 250;
const LOOK_MS = 2000;

export class Screen {
  readonly video = get<HTMLVideoElement>("#video");
  private readonly painted = get<HTMLImageElement>("#painted");
  private readonly note = get("#screen-note");
  private readonly clock = get("#clock");
  private shown = "";
  private timer = 0;
  private ends_ms: number | null = null;
  private isClean = true;

  constructor(private readonly sheet: Sheet) {
    this.painted.addEventListener("load", () => {
      this.painted.hidden = !this.isClean || this.shown === "";
    });
    this.painted.addEventListener("error", () => {
      this.painted.hidden = true;
    });
    this.video.addEventListener("seeked", () => this.follow());
    this.video.addEventListener("timeupdate", () => this.follow());
    this.video.addEventListener("play", () => this.run());
    this.video.addEventListener("loadedmetadata", () => {
      this.note.textContent = "";
      this.follow();
    });
    sheet.listen(() => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.follow(), TYPED_MS);
    });
    void this.open();
  }

  get now_ms(): number {
    return Math.round(this.video.currentTime * 1000);
  }

  toggle(): void {
    this.ends_ms = null;
    if (this.video.paused) void this.video.play();
    else this.video.pause();
  }

  /** Play one cue and stop at its end. */
  listen(cue: Cue): void {
    this.seek(cue.start_ms);
    this.ends_ms = cue.end_ms;
    void this.video.play();
  }

  seek(time_ms: number): void {
    this.ends_ms = null;
    this.video.currentTime = time_ms / 1000;
  }

  /** Show a cue: a moment in which it is on the screen. */
  show(cue: Cue): void {
    if (this.now_ms >= cue.start_ms && this.now_ms < cue.end_ms) this.follow();
    else this.seek(Math.min(cue.start_ms + 120, (cue.start_ms + cue.end_ms) / 2));
  }

  /** Show the draft, or the finished video at an address, at the same moment. */
  source(address: string | null): void {
    const at = this.video.currentTime;
    this.isClean = address === null;
    this.painted.hidden = !this.isClean || this.shown === "";
    this.video.src = address ?? `${settings.base}/picture`;
    this.video.addEventListener("loadedmetadata", () => (this.video.currentTime = at), { once: true });
  }

  /** Take the picture as soon as it is prepared. */
  private async open(): Promise<void> {
    for (;;) {
      const answer = await fetch(`${settings.base}/picture`, { headers: { Range: "bytes=0-0" } }).catch(() => null);
      if (answer?.status === MISSING) {
        this.note.textContent = say("unprepared");
        return;
      }
      if (answer?.ok && answer.status !== PREPARING) break;
      this.note.textContent = say("preparing");
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    this.note.textContent = "";
    this.source(null);
  }

  private run(): void {
    const step = (): void => {
      if (this.ends_ms !== null && this.now_ms >= this.ends_ms) {
        this.ends_ms = null;
        this.video.pause();
      }
      this.follow();
      if (!this.video.paused) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** Let picture and clock follow the moment. */
  private follow(): void {
    const now = this.now_ms;
    const cue = this.sheet.cues.find((each) => now >= each.start_ms && now < each.end_ms && each.text.trim());
    const time = `${written(now).slice(0, -2)} / ${written(settings.duration_ms).slice(0, -4)}`;
    if (this.clock.textContent !== time) this.clock.textContent = time;
    const text = cue?.text ?? "";
    if (text === this.shown) return;
    this.shown = text;
    this.painted.alt = text;
    if (text) this.painted.src = paintedAt(text);
    else this.painted.hidden = true;
    this.prepareNext(cue);
  }

  /** Have the next cue drawn before it is needed. */
  private prepareNext(cue: Cue | undefined): void {
    if (this.video.paused || !cue) return;
    const next = this.sheet.cues[this.sheet.cues.indexOf(cue) + 1];
    if (next?.text.trim()) new Image().src = paintedAt(next.text);
  }
}

function paintedAt(text: string): string {
  return `${settings.base}/painted?text=${encodeURIComponent(text)}`;
}
