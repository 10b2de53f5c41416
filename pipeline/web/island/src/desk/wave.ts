// The sound as a curve, with each cue as a bar that can be dragged and resized.
import WaveSurfer from "wavesurfer.js";
import RegionsPlugin, { type Region } from "wavesurfer.js/dist/plugins/regions.esm.js";
import { retimed } from "./edits";
import { timeOf } from "./frames";
import type { Sheet } from "./sheet";
import { get, MISSING, nonce, PREPARING, settings, type Cue } from "./types";

const PIXELS_A_SECOND = 70;
const HEIGHT_PX = 88;

/** Return how loud the sound is, 0 to 1, evenly over the lecture; a flat line where that cannot be known. */
async function peaks(): Promise<Float32Array> {
  const answer = await fetch(`${settings.base}/peaks`);
  if (answer.status === MISSING) return new Float32Array(Math.ceil((settings.duration_ms / 1000) * settings.peaks_a_second));
  if (!answer.ok || answer.status === PREPARING) throw new Error(`${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const most = bytes.reduce((high, byte) => Math.max(high, byte), 1);
  return Float32Array.from(bytes, (byte) => byte / most);
}

function colour(name: string, share = ""): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() + share;
}

export class Wave {
  private readonly regions = RegionsPlugin.create();
  private readonly bars = new Map<string, { region: Region; cue: Cue; tone: string }>();
  private surfer: WaveSurfer | null = null;
  private isOurs = false;

  constructor(private readonly sheet: Sheet, private readonly video: HTMLVideoElement, private readonly picked: () => void) {}

  /** Draw the sound as soon as it is prepared. */
  async open(): Promise<void> {
    const curve = await peaks();
    this.surfer = WaveSurfer.create({
      container: get("#wave"),
      media: this.video,
      peaks: [curve],
      duration: settings.duration_ms / 1000,
      minPxPerSec: PIXELS_A_SECOND,
      height: HEIGHT_PX,
      cspNonce: nonce,
      waveColor: colour("speech"),
      progressColor: colour("speech"),
      cursorColor: colour("bad"),
      cursorWidth: 2,
      plugins: [this.regions],
    });
    this.regions.on("region-updated", (region) => this.dragged(region));
    this.regions.on("region-clicked", (region, event) => {
      event.stopPropagation();
      this.sheet.select(region.id);
      this.picked();
    });
    this.surfer.on("ready", () => {
      this.label();
      this.update();
      this.show();
      this.sheet.listen(() => this.update());
    });
  }

  /** Bring the selected cue's bar into sight. */
  show(): void {
    const cue = this.sheet.cue;
    if (!cue || !this.surfer) return;
    const wide = get("#wave").clientWidth / PIXELS_A_SECOND;
    const left = this.surfer.getScroll() / PIXELS_A_SECOND;
    if (cue.start_ms / 1000 < left || cue.end_ms / 1000 > left + wide) {
      this.surfer.setScrollTime(Math.max(0, cue.start_ms / 1000 - wide / 3));
    }
  }

  /** Let the keyboard scroll the curve. */
  private label(): void {
    const scroll = this.surfer!.getWrapper().parentElement!;
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "group");
    scroll.setAttribute("aria-label", get("#wave").getAttribute("aria-label")!);
  }

  private update(): void {
    if (this.isOurs) return;
    const ids = new Set(this.sheet.cues.map((cue) => cue.id));
    for (const [id, bar] of this.bars) {
      if (ids.has(id)) continue;
      bar.region.remove();
      this.bars.delete(id);
    }
    for (const cue of this.sheet.cues) this.place(cue);
  }

  private place(cue: Cue): void {
    const tone = this.toneOf(cue);
    const times = { start: cue.start_ms / 1000, end: cue.end_ms / 1000 };
    const bar = this.bars.get(cue.id);
    if (!bar) {
      const region = this.regions.addRegion({ id: cue.id, ...times, color: tone, drag: true, resize: true, minLength: timeOf(1) / 1000 });
      this.bars.set(cue.id, { region, cue, tone });
      return;
    }
    const isMoved = bar.cue.start_ms !== cue.start_ms || bar.cue.end_ms !== cue.end_ms;
    if (isMoved || bar.tone !== tone) bar.region.setOptions({ ...(isMoved ? times : {}), color: tone });
    [bar.cue, bar.tone] = [cue, tone];
  }

  private toneOf(cue: Cue): string {
    if (cue.id === this.sheet.selected) return colour("cue", "66");
    return this.sheet.isOpen(cue) ? colour("warn-line", "55") : colour("look-line", "44");
  }

  private dragged(region: Region): void {
    const cue = this.sheet.cues.find((each) => each.id === region.id);
    if (!cue) return;
    const cues = retimed(this.sheet.cues, region.id, region.start * 1000, region.end * 1000);
    this.isOurs = true;
    this.sheet.apply(cues, region.id);
    this.isOurs = false;
    const bar = this.bars.get(region.id);
    const now = this.sheet.cue;
    if (bar && now) {
      region.setOptions({ start: now.start_ms / 1000, end: now.end_ms / 1000 });
      bar.cue = now;
    }
    this.update();
  }
}
