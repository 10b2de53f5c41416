// Burning: the newest version goes to the server's queue, and its progress, its verdict and its files come back here.
import type { Saver } from "./saving";
import { reasonOf } from "./saving";
import type { Screen } from "./screen";
import { get, make, say, settings } from "./types";

export class Burning {
  private readonly panel = get("#burning");
  private readonly room = get("#burning-room");
  private readonly sources = get("#sources");
  private readonly button = get<HTMLButtonElement>("[data-act=burn]");
  private delivered: string | null = null;

  constructor(private readonly saver: Saver, private readonly screen: Screen) {
    this.panel.addEventListener("submit", (event) => {
      event.preventDefault();
      void fetch((event.target as HTMLFormElement).action, { method: "POST" });
    });
    if (settings.is_burning) this.follow();
  }

  async begin(): Promise<void> {
    if (this.button.disabled) return;
    this.button.disabled = true;
    if (!(await this.saver.flush())) {
      this.button.disabled = false;
      return;
    }
    const body = JSON.stringify({ version: this.saver.version });
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const answer = await fetch(`${settings.base}/burn`, { method: "POST", headers, body }).catch(() => null);
    if (answer?.ok) this.follow();
    else this.fail(say("burn_failed", { reason: answer ? await reasonOf(answer) : say("unkept") }));
  }

  close(): void {
    this.room.hidden = true;
  }

  /** Show the draft, or what was delivered. */
  see(isDelivered: boolean): void {
    if (isDelivered && !this.delivered) return;
    this.screen.source(isDelivered ? this.delivered : null);
    for (const [act, isOn] of [["see-clean", !isDelivered], ["see-burned", isDelivered]] as const) {
      get(`[data-act=${act}]`).setAttribute("aria-pressed", String(isOn));
    }
  }

  private follow(): void {
    this.button.disabled = true;
    this.room.hidden = false;
    const news = new EventSource(settings.events);
    news.addEventListener("state", (event) => {
      // What the server renders is escaped there; it is the state that the lecture's own page shows.
      this.panel.innerHTML = (event as MessageEvent<string>).data;
    });
    news.addEventListener("end", () => {
      news.close();
      this.button.disabled = false;
      this.finish();
    });
  }

  private finish(): void {
    const video = [...this.panel.querySelectorAll<HTMLAnchorElement>("a[download]")].find((each) => each.href.endsWith(".mp4"));
    if (!video) return;
    this.delivered = `${video.href}?show=true&v=${this.saver.version}`;
    this.sources.hidden = false;
    this.see(true);
  }

  private fail(reason: string): void {
    this.button.disabled = false;
    this.room.hidden = false;
    this.panel.replaceChildren(make("p", "alert bad", reason));
  }
}
