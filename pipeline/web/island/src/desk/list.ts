// The list of cues: a row is made once and touched only when its own cue changes.
import { Editor } from "./editor";
import { written } from "./frames";
import type { Sheet } from "./sheet";
import { get, make, say, type Cue, type Remark } from "./types";

interface Row {
  readonly item: HTMLLIElement;
  readonly pick: HTMLButtonElement;
  readonly time: HTMLElement;
  readonly text: HTMLElement;
  readonly mark: HTMLElement;
  cue: Cue | null;
  remarks: readonly Remark[] | null;
}

export class CueList {
  private readonly rows = new Map<string, Row>();
  private readonly list = get<HTMLOListElement>("#cues");
  private readonly left = get("#left");
  private readonly only = get<HTMLInputElement>("#only-flagged");
  private order: readonly string[] = [];
  private shown: string | null = null;

  constructor(private readonly sheet: Sheet, private readonly editor: Editor) {
    this.list.addEventListener("click", (event) => {
      const item = (event.target as Element).closest<HTMLLIElement>("li.cue");
      if (!item || item.dataset.id === sheet.selected) return;
      sheet.select(item.dataset.id!);
      this.editor.focus();
    });
    this.only.addEventListener("change", () => this.filter());
    sheet.listen(() => this.update());
    this.update();
  }

  /** Bring the selected row into sight, and its text under the caret. */
  reveal(focuses = true): void {
    const row = this.rows.get(this.sheet.selected ?? "");
    row?.item.scrollIntoView({ block: "nearest" });
    if (focuses) this.editor.focus();
  }

  /** Return the cue that a person should look at next after the selected one, from the beginning again at the end. */
  nextOpen(): Cue | undefined {
    const cues = this.sheet.cues;
    const place = cues.findIndex((cue) => cue.id === this.sheet.selected);
    return [...cues.slice(place + 1), ...cues.slice(0, place + 1)].find((cue) => this.sheet.isOpen(cue));
  }

  private update(): void {
    this.arrange();
    for (const cue of this.sheet.cues) this.fill(this.rows.get(cue.id)!, cue);
    if (this.shown !== this.sheet.selected) this.open();
    this.editor.update();
    this.count();
  }

  /** Put the rows in the cues' order, moving none that stands right. */
  private arrange(): void {
    const cues = this.sheet.cues;
    if (cues.length === this.order.length && cues.every((cue, place) => cue.id === this.order[place])) return;
    const ids = new Set(cues.map((cue) => cue.id));
    for (const [id, row] of this.rows) {
      if (ids.has(id)) continue;
      if (id === this.shown) this.close();
      row.item.remove();
      this.rows.delete(id);
    }
    let before: Element | null = null;
    for (const cue of cues) {
      const row = this.rows.get(cue.id) ?? this.added(cue.id);
      const stands: Element | null = before ? before.nextElementSibling : this.list.firstElementChild;
      if (stands !== row.item) this.list.insertBefore(row.item, stands);
      before = row.item;
    }
    this.order = cues.map((cue) => cue.id);
  }

  private added(id: string): Row {
    const item = make("li", "cue");
    item.dataset.id = id;
    const pick = make("button", "cue-pick");
    pick.type = "button";
    const [time, text, mark] = [make("span", "cue-time"), make("span", "cue-text"), make("span", "pill")];
    pick.append(time, text, mark);
    item.append(pick);
    const row: Row = { item, pick, time, text, mark, cue: null, remarks: null };
    this.rows.set(id, row);
    return row;
  }

  private fill(row: Row, cue: Cue): void {
    const remarks = this.sheet.remarksOn(cue);
    const isSelected = cue.id === this.sheet.selected;
    if (row.cue !== cue) {
      if (row.cue?.start_ms !== cue.start_ms) row.time.textContent = written(cue.start_ms).slice(0, -2);
      if (row.cue?.text !== cue.text && !isSelected) row.text.textContent = cue.text || "…";
    }
    if (row.remarks !== remarks || row.cue?.is_checked !== cue.is_checked) this.mark(row, cue, remarks);
    row.cue = cue;
    row.remarks = remarks;
  }

  private mark(row: Row, cue: Cue, remarks: readonly Remark[]): void {
    const tone = cue.is_checked ? "good" : (remarks[0]?.tone ?? "");
    const text = cue.is_checked ? `✓ ${say("checked")}` : remarks.length ? say("remarks", { count: remarks.length }) : "";
    if (row.mark.textContent !== text) row.mark.textContent = text;
    if (row.mark.className !== `pill ${tone}`) row.mark.className = `pill ${tone}`;
    if (row.mark.hidden !== !text) row.mark.hidden = !text;
    const isOpen = this.sheet.isOpen(cue);
    if (row.item.classList.contains("open") !== isOpen) row.item.classList.toggle("open", isOpen);
  }

  private open(): void {
    this.close();
    this.shown = this.sheet.selected;
    const row = this.rows.get(this.shown ?? "");
    if (!row) return;
    row.item.classList.add("selected");
    row.pick.setAttribute("aria-current", "true");
    row.item.append(this.editor.element);
  }

  private close(): void {
    const row = this.rows.get(this.shown ?? "");
    this.shown = null;
    this.editor.element.remove();
    if (!row) return;
    row.item.classList.remove("selected");
    row.pick.removeAttribute("aria-current");
    if (row.cue && row.text.textContent !== row.cue.text) row.text.textContent = row.cue.text || "…";
  }

  private count(): void {
    const count = this.sheet.cues.filter((cue) => this.sheet.isOpen(cue)).length;
    const known = count ? say("left", { count, total: this.sheet.cues.length }) : say("none_left");
    const text = this.sheet.isJudged ? known : "";
    if (this.left.textContent !== text) this.left.textContent = text;
  }

  private filter(): void {
    this.list.classList.toggle("only-open", this.only.checked);
    this.reveal(false);
  }
}
