// Search and replace over all cues.
import { changed, replaced } from "./edits";
import type { Editor } from "./editor";
import type { CueList } from "./list";
import type { Sheet } from "./sheet";
import { get, say } from "./types";

export class Replacing {
  private readonly form = get<HTMLFormElement>("#replacing");
  private readonly wanted = get<HTMLInputElement>("#wanted");
  private readonly instead = get<HTMLInputElement>("#instead");
  private readonly told = get("#replaced");

  constructor(private readonly sheet: Sheet, private readonly list: CueList, private readonly editor: Editor) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.next();
    });
  }

  toggle(): void {
    this.form.hidden = !this.form.hidden;
    if (this.form.hidden) this.editor.focus();
    else this.wanted.focus();
  }

  /** Go to the next place after the caret, from the beginning again at the end. */
  next(): void {
    const wanted = this.wanted.value;
    const count = wanted ? this.sheet.cues.reduce((sum, cue) => sum + cue.text.split(wanted).length - 1, 0) : 0;
    this.told.textContent = say("found", { count });
    if (!count) return;
    const place = this.sheet.cues.findIndex((cue) => cue.id === this.sheet.selected);
    const inside = this.sheet.cue?.text.indexOf(wanted, this.editor.text.selectionEnd) ?? -1;
    if (inside < 0) {
      const rest = [...this.sheet.cues.slice(place + 1), ...this.sheet.cues.slice(0, place + 1)];
      this.sheet.select(rest.find((cue) => cue.text.includes(wanted))!.id);
    }
    const begin = inside < 0 ? this.sheet.cue!.text.indexOf(wanted) : inside;
    this.list.reveal();
    this.editor.text.setSelectionRange(begin, begin + wanted.length);
  }

  /** Replace what is found under the caret, and go on. */
  one(): void {
    const { selectionStart: begin, selectionEnd: end } = this.editor.text;
    const cue = this.sheet.cue;
    if (cue && end > begin && cue.text.slice(begin, end) === this.wanted.value) {
      const text = cue.text.slice(0, begin) + this.instead.value + cue.text.slice(end);
      this.sheet.apply(changed(this.sheet.cues, cue.id, { text }));
      this.editor.text.setSelectionRange(begin + this.instead.value.length, begin + this.instead.value.length);
    }
    this.next();
  }

  all(): void {
    if (!this.wanted.value) return;
    const done = replaced(this.sheet.cues, this.wanted.value, this.instead.value);
    if (done.count) this.sheet.apply(done.cues);
    this.told.textContent = say("replaced", { count: done.count });
  }
}
